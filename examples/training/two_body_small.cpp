// SPDX-License-Identifier: BSD-3-Clause
#include "two_body_loop.hpp"

namespace training {

TwoBodyRuns train_small(const TwoBodySettings& settings, const TwoBodyData& data) { return train_both<2, 16>(settings, data); }

}  // namespace training
