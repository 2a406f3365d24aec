// What may happen to a log of two workers, at random: for tests that hold its laws against any order of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "stores/segments/log_fixture_test.h"

namespace tollgate::stores {

struct RandomSteps {
  std::uint64_t refusals_max = 3;  // that analytics answers in a row
  bool fills_disk = false;
};

inline void random_step(LogFixture& f, std::mt19937_64& random, const RandomSteps& what) {
  switch (random() % (what.fills_disk ? 12 : 10)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const std::size_t worker = random() % 2;
      for (std::uint64_t n = random() % 40; n > 0; --n) f.append(worker);
      break;
    }
    case 4:
    case 5: f.write(); break;
    case 6:
    case 7: f.log->ship_step(); break;
    case 8:
      if (random() % 2 == 0) f.ingest.refuse_next(random() % what.refusals_max);
      if (random() % 2 == 0) f.ingest.lose_next_acks(random() % 3);
      if (random() % 2 == 0) f.io.fail_calls(static_cast<Fault>(random() % 4), random() % 6, random() % 3);
      break;
    case 10: f.io.fill_disk(); break;
    default:
      // Where disks fill up, they stay full for a while.
      if (!what.fills_disk || random() % 2 == 0) f.io.heal();
      if (random() % 3 == 0) f.reopen();
  }
}

}  // namespace tollgate::stores
