// Something that a task waits for, and that another task of the same loop can end.
#pragma once

namespace tollgate::runtime {

class Killable {
 public:
  // Ends what waits with `cancelled`; nothing waits afterwards. The task is resumed from the loop's queue.
  virtual void kill() = 0;

 protected:
  ~Killable() = default;
};

}  // namespace tollgate::runtime
