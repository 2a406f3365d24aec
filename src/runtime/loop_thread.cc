#include "runtime/loop_thread.h"

#include <pthread.h>

namespace tollgate::runtime {

LoopThread::LoopThread(const std::string& name) {
  thread_ = std::thread([this, name] {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    loop_.run();
  });
}

LoopThread::~LoopThread() {
  loop_.stop();
  thread_.join();
}

}  // namespace tollgate::runtime
