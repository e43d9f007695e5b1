// SPDX-License-Identifier: BSD-3-Clause
#include "two_body_loop.hpp"

namespace training {

TwoBodyRuns train_paper_size(const TwoBodySettings& settings, const TwoBodyData& data) { return train_both<6, 64>(settings, data); }

}  // namespace training
