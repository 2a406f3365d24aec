// A program run by a test, as its user would run it: arguments, environment, captured output, signals, exit code.
//
// It dies with its owner and with the test. Failures throw std::runtime_error. Start it from the test's main thread
// (the kernel ties the child's life to the thread that started it); one thread per object.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "tests/support/temp_dir.h"

namespace tollgate::testing {

// Calls `condition` until it is true, or the time is up: then false.
bool eventually(Millis limit, const std::function<bool()>& condition);

struct Command {
  std::vector<std::string> argv;           // the program's path first
  std::map<std::string, std::string> env;  // beside PATH, HOME and the sanitizers' options; nothing else is inherited
};

class ChildProcess {
 public:
  explicit ChildProcess(const Command& command);
  ~ChildProcess();  // SIGKILL when it still runs
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number);
  // Its exit code, or 128 + the signal that ended it. Throws when it runs longer than that.
  int wait(Millis limit = Millis(30'000));
  bool running();
  // What it has written so far.
  std::string out() const;
  std::string err() const;

 private:
  bool ended_within(Millis limit);

  TempDir output_;
  pid_t pid_ = -1;
  UniqueFd end_;  // readable when the process has ended
  std::optional<int> exit_code_;
};

}  // namespace tollgate::testing
