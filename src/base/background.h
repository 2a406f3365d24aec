// Threads that must get on with their work, but at no request's expense.
#pragma once

namespace tollgate {

// Names the calling thread, at most 15 characters, and lets its wake-ups interrupt nobody: it has its fair share of a
// core, in fewer and longer turns (SCHED_BATCH). On a machine with cores to spare that changes nothing; on a busy one
// a gateway's workers are switched away less often. Where the kernel refuses, the thread runs as any other.
void run_in_background(const char* name) noexcept;

}  // namespace tollgate
