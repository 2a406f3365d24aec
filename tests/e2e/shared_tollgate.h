// One `tollgate up` for all tests of a suite that only ask and leave nothing behind that others would trip over.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/tollgate_process.h"

namespace tollgate::testing {

class SharedTollgate : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory = std::make_unique<TempDir>();
    running = std::make_unique<TollgateProcess>(TollgateProcess::Options{.data_dir = directory->file("data")});
  }
  // A server that a test has brought to its knees must not pass for one that works.
  static void TearDownTestSuite() {
    ASSERT_TRUE(running);
    EXPECT_EQ(running->stop(), 0) << running->process().err();
    running.reset();
    directory.reset();
  }
  static TollgateProcess& tollgate() { return *running; }

  // Until the condition holds: records arrive at analytics within two seconds.
  static bool soon(const std::function<bool()>& condition) { return eventually(Millis(5'000), condition); }

 private:
  static inline std::unique_ptr<TempDir> directory;
  static inline std::unique_ptr<TollgateProcess> running;
};

}  // namespace tollgate::testing
