#include "http/linger.h"

namespace tollgate::http {

Task<void> linger(runtime::EventLoop& loop, runtime::TcpSocket& socket, runtime::Buffer& scratch, LingerLimit limit) {
  socket.shutdown_write();
  socket.set_read_deadline(loop.now() + limit.time);
  std::size_t thrown_away = 0;
  while (thrown_away < limit.bytes) {
    co_await loop.yield();
    scratch.clear();
    const runtime::IoResult got = co_await socket.read_some(scratch.prepare(1));
    if (!got.ok()) break;
    thrown_away += got.bytes;
  }
}

}  // namespace tollgate::http
