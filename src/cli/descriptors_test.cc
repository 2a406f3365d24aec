#include "cli/descriptors.h"

#include <sys/resource.h>

#include <gtest/gtest.h>

namespace tollgate::cli {
namespace {

TEST(Descriptors, ConnectionsOfAllServicesTogetherLeaveSomeForUpstreamsAndFiles) {
  for (const std::uint64_t limit : {64u, 256u, 1'024u, 4'096u, 20'000u, 1'048'576u}) {
    const std::uint64_t together = connections_within(limit, ConnectionsOf::gateway) +
                                   connections_within(limit, ConnectionsOf::backend) +
                                   std::uint64_t{3} * connections_within(limit, ConnectionsOf::other);
    EXPECT_LE(together, limit * 4 / 5) << limit;
    EXPECT_GE(connections_within(limit, ConnectionsOf::gateway), limit * 2 / 5) << limit;
    EXPECT_LT(connections_within(limit, ConnectionsOf::alone), limit) << limit;
  }
}

TEST(Descriptors, TheLimitThatIsAskedForIsTheLeastThatIsEnough) {
  for (const auto whose : {ConnectionsOf::gateway, ConnectionsOf::backend, ConnectionsOf::alone}) {
    const std::uint64_t needed = descriptors_for(20'000, whose);
    EXPECT_GE(connections_within(needed, whose), 20'000U);
    EXPECT_LT(connections_within(needed - 8, whose), 20'000U);
  }
}

TEST(Descriptors, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit lower = before;
  lower.rlim_cur = before.rlim_max / 2;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace tollgate::cli
