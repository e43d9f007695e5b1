# SPDX-License-Identifier: BSD-3-Clause
# Part of the installed package too. Some distributions' xsimd target links xtl, an optional companion that nothing here includes
# and that need not be installed: without it the linker would be asked for a library named xtl.
if(TARGET xsimd AND NOT TARGET xtl)
  get_target_property(antler_xsimd_links xsimd INTERFACE_LINK_LIBRARIES)
  if("xtl" IN_LIST antler_xsimd_links)
    list(REMOVE_ITEM antler_xsimd_links xtl)
    set_property(TARGET xsimd PROPERTY INTERFACE_LINK_LIBRARIES "${antler_xsimd_links}")
  endif()
endif()
