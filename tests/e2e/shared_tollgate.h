// One `tollgate up` for all tests of a suite that only ask and leave nothing behind that others would trip over.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/tollgate_process.h"

namespace tollgate::testing {

class SharedTollgate : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = std::make_unique<TempDir>();
    tollgate_ = std::make_unique<TollgateProcess>(TollgateProcess::Options{.data_dir = dir_->file("data")});
  }
  // A server that a test has brought to its knees must not pass for one that works.
  static void TearDownTestSuite() {
    ASSERT_TRUE(tollgate_);
    EXPECT_EQ(tollgate_->stop(), 0) << tollgate_->process().err();
    tollgate_.reset();
    dir_.reset();
  }
  static TollgateProcess& tollgate() { return *tollgate_; }

  // Until the condition holds: records arrive at analytics within two seconds.
  static bool soon(const std::function<bool()>& condition) { return eventually(Millis(5'000), condition); }

 private:
  static inline std::unique_ptr<TempDir> dir_;
  static inline std::unique_ptr<TollgateProcess> tollgate_;
};

}  // namespace tollgate::testing
