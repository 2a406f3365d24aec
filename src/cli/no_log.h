// A decision log that keeps nothing: what `bench/run log` compares the real one with. There is no setting for it, since
// limits, analytics and bills agree only while every request is recorded; builds without benchmarks do not have it.
#pragma once

#include "core/usage/names.h"
#include "ports/decision_log.h"

namespace tollgate::cli {

// Thread safety: all methods from any thread.
class NoLog final : public ports::DecisionLog, public ports::DecisionSink {
 public:
  ports::DecisionSink& sink(std::size_t) override { return *this; }
  void append(core::DecisionRecord&) noexcept override {}
  ports::LogCounters counters() const override { return {}; }
  core::NameRef intern(core::NameKind kind, std::string_view name) override { return core::name_ref(kind, name); }
};

}  // namespace tollgate::cli
