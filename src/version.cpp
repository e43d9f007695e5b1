// SPDX-License-Identifier: BSD-3-Clause
#include <antler/core/version.hpp>

namespace antler {

const char* version() noexcept { return ANTLER_VERSION_STRING; }

}  // namespace antler
