// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <random>
#include <string>

/// A folder of this test's own, removed with all its files.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::random_device entropy;  // tests run side by side: no two may meet
    do {
      path_ = std::filesystem::temp_directory_path() / ("antler_test_" + std::to_string(entropy()));
    } while (!std::filesystem::create_directory(path_));
  }
  ~TemporaryFolder() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};
