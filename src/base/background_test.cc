#include "base/background.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <array>
#include <string>
#include <thread>

namespace tollgate {
namespace {

TEST(Background, InterruptsNobodyAndSaysWhatItIs) {
  int policy = -1;
  std::array<char, 16> name{};
  std::thread thread([&] {
    run_in_background("log-writer");
    sched_param parameters{};
    ::pthread_getschedparam(::pthread_self(), &policy, &parameters);
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
  });
  thread.join();
  EXPECT_EQ(policy, SCHED_BATCH);
  EXPECT_EQ(std::string(name.data()), "log-writer");
}

}  // namespace
}  // namespace tollgate
