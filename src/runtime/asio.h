// Asio as runtime's .cc files use it. Nothing outside this folder includes it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <new>

#include "runtime/event_loop.h"

namespace tollgate::runtime {

namespace asio = boost::asio;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using AsioSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using AsioAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using AsioTimer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

struct EventLoop::Impl {
  // One thread runs the reactor, so its own locks are off; the queue stays locked, for post().
  Impl() : context(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), work(context.get_executor()), tick(context) {}
  asio::io_context context;
  asio::executor_work_guard<Executor> work;
  AsioTimer tick;
};

// Room for one pending Asio operation, so that starting one allocates nothing.
class OperationMemory {
 public:
  void* take(std::size_t size) {
    if (!used_ && size <= sizeof(bytes_)) {
      used_ = true;
      return bytes_;
    }
    return ::operator new(size);
  }
  void give(void* block) noexcept {
    if (block == bytes_) {
      used_ = false;
    } else {
      ::operator delete(block);
    }
  }

 private:
  alignas(std::max_align_t) unsigned char bytes_[240];
  bool used_ = false;
};

template <class T>
struct OperationAllocator {
  using value_type = T;
  explicit OperationAllocator(OperationMemory& from) : memory(&from) {}
  template <class U>
  OperationAllocator(const OperationAllocator<U>& other) : memory(other.memory) {}
  T* allocate(std::size_t count) { return static_cast<T*>(memory->take(count * sizeof(T))); }
  void deallocate(T* block, std::size_t) noexcept { memory->give(block); }
  template <class U>
  bool operator==(const OperationAllocator<U>& other) const {
    return memory == other.memory;
  }
  OperationMemory* memory;
};

}  // namespace tollgate::runtime
