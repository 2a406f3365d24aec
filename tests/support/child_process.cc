#include "tests/support/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "base/str.h"

namespace tollgate::testing {
namespace {

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> lines;
  for (const char* name : {"PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && !command.env.contains(name)) lines.push_back(str::cat(name, "=", value));
  }
  for (const auto& [name, value] : command.env) lines.push_back(str::cat(name, "=", value));
  return lines;
}

// Pointers into `texts`, with a null pointer behind them, as execve() wants them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

struct Exec {
  char* const* argv;
  char* const* env;
  const char* out;
  const char* err;
};

// In the child, between fork and exec: only what is safe there.
[[noreturn]] void become(const Exec& exec) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(exec.out, O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int err = ::open(exec.err, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(err, 2) >= 0) ::execve(exec.argv[0], exec.argv, exec.env);
  ::_exit(127);
}

}  // namespace

bool eventually(Millis limit, const std::function<bool()>& condition) {
  constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 5'000'000};
  const SystemClock clock;
  const MonoTime end = clock.mono_now() + limit;
  while (!condition()) {
    if (clock.mono_now() >= end) return false;
    ::nanosleep(&kPause, nullptr);
  }
  return true;
}

ChildProcess::ChildProcess(const Command& command) {
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> environment = environment_of(command);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> env = pointers(environment);
  const std::string out = output_.file("out");
  const std::string err = output_.file("err");
  pid_ = ::fork();
  if (pid_ == 0) become({.argv = argv.data(), .env = env.data(), .out = out.c_str(), .err = err.c_str()});
  if (pid_ < 0) throw std::runtime_error("fork: " + system_error_text());
  end_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!end_) throw std::runtime_error("pidfd_open: " + system_error_text());
}

ChildProcess::~ChildProcess() {
  if (exit_code_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void ChildProcess::signal(int number) {
  if (running()) ::kill(pid_, number);
}

bool ChildProcess::ended_within(Millis limit) {
  if (exit_code_) return true;
  pollfd ended{.fd = end_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, static_cast<int>(limit.count())) <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) throw std::runtime_error("waitpid: " + system_error_text());
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

bool ChildProcess::running() {
  return !ended_within(Millis(0));
}

int ChildProcess::wait(Millis limit) {
  if (!ended_within(limit)) throw std::runtime_error(str::cat("process ", pid_, " still runs: ", err()));
  return *exit_code_;
}

std::string ChildProcess::out() const {
  return read_file(output_.file("out")).value_or("");
}

std::string ChildProcess::err() const {
  return read_file(output_.file("err")).value_or("");
}

}  // namespace tollgate::testing
