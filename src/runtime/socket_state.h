// What a TcpSocket keeps behind its pointer. Only runtime's .cc files include this.
#pragma once

#include "runtime/asio.h"
#include "runtime/socket.h"

namespace tollgate::runtime {

struct TcpSocket::State {
  explicit State(EventLoop& event_loop)
      : loop(event_loop), socket(event_loop.impl().context), read_deadline(*this), write_deadline(*this) {}

  struct SideDeadline final : Deadline {
    explicit SideDeadline(State& state) : owner(state) {}
    void on_deadline() override;
    State& owner;
    bool passed = false;
  };

  void on_read(IoResult result);
  void on_writable(IoStatus status);

  EventLoop& loop;
  AsioSocket socket;
  SideDeadline read_deadline;
  SideDeadline write_deadline;
  OperationMemory read_memory;
  OperationMemory write_memory;
  std::coroutine_handle<> reader;
  std::coroutine_handle<> writer;
  IoResult read_result;
  IoStatus write_status = IoStatus::ok;
  bool read_in_flight = false;
  std::function<void()> unawaited;
};

}  // namespace tollgate::runtime
