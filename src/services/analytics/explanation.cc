#include "services/analytics/explanation.h"

#include <algorithm>

#include "base/str.h"
#include "codec/usage/request_json.h"

namespace tollgate::services {
namespace {

using codec::LimitLevels;
using core::DecisionRecord;
using core::LoggedRecord;
using core::Outcome;

constexpr std::chrono::hours kLookBack{1};
constexpr std::size_t kPagesMax = 10;
constexpr std::size_t kPage = 200;

const LimitLevels* refusing(const std::vector<LimitLevels>& limits) {
  const auto at = std::ranges::find(limits, true, &LimitLevels::refused);
  return at == limits.end() ? nullptr : &*at;
}

// Requests that met the same bucket are alike in everything it counts by.
core::RecordFilter same_bucket(const LoggedRecord& decision, const core::LimitScope& scope) {
  const DecisionRecord& record = decision.record;
  const WallTime time{Nanos(record.time_ns)};
  core::RecordFilter filter{.from = time - kLookBack, .to = time + Nanos(1)};
  if (scope.key) filter.key = record.key;
  if (scope.route) filter.route = record.route;
  if (scope.tier) filter.tier = record.tier;
  if (scope.client_ip) filter.client = core::ClientNet{.net = record.client_net, .family = record.client_family};
  return filter;
}

// Whether it took tokens from the limit of this name.
bool took_from(const DecisionRecord& record, std::string_view limit, const ports::NameDirectory& names) {
  if (record.refused_by >= 0 || record.cost == 0) return false;
  const auto limits = codec::limit_levels(record, names);
  const auto at = std::ranges::find(limits, limit, &LimitLevels::name);
  return at != limits.end() && at->after < at->before;
}

std::string refusal_text(const DecisionRecord& record, const ports::NameDirectory& names) {
  const auto limits = codec::limit_levels(record, names);
  const LimitLevels* const by = refusing(limits);
  if (by == nullptr) return "Refused by a limit; which one is not recorded.";
  std::string text = str::cat("Refused by limit \"", by->name, "\": it had ", by->exact ? "" : "about ", by->before,
                              by->before == 1 ? " token" : " tokens", ", and the request costs ", record.cost, ".");
  if (record.retry_after_ms > 0) {
    const WallTime passes{Nanos(record.time_ns) + Millis(record.retry_after_ms)};
    str::append(text, " It would have passed ", record.retry_after_ms, " ms later, at ", format_rfc3339(passes),
                ", had nobody else asked.");
  } else {
    str::append(text, " It can never pass: that is more than the limit holds.");
  }
  return text;
}

std::string allowed_text(const DecisionRecord& record, const ports::NameDirectory& names) {
  if (record.checks == 0) return "Allowed: no limit applies to it.";
  const auto limits = codec::limit_levels(record, names);
  const auto tightest = std::ranges::min_element(limits, {}, &LimitLevels::after);
  return str::cat("Allowed by ", limits.size(), limits.size() == 1 ? " limit" : " limits", ". The tightest, \"",
                  tightest->name, "\", had ", tightest->before, " and kept ", tightest->after, ".");
}

}  // namespace

Result<TokenUsers> find_token_users(const LoggedRecord& decision, ports::RequestLog& log,
                                    const ports::NameDirectory& names) {
  TokenUsers users;
  const auto limits = codec::limit_levels(decision.record, names);
  const LimitLevels* const by = refusing(limits);
  if (by == nullptr) return users;
  users.limit = by->name;
  ports::RequestQuery query{.filter = same_bucket(decision, by->scope), .limit = kPage, .cursor = {}};
  for (std::size_t pages = 0; pages < kPagesMax; ++pages) {
    TG_TRY(ports::RequestPage page, log.search(query));
    for (LoggedRecord& logged : page.records) {
      if (!took_from(logged.record, by->name, names)) continue;
      users.complete = users.requests.size() < kTokenUsersMax;
      if (!users.complete) return users;
      users.tokens += logged.record.cost;
      users.requests.push_back(logged);
    }
    if (page.next_cursor.empty()) return users;
    query.cursor = std::move(page.next_cursor);
  }
  users.complete = false;
  return users;
}

std::string explain(const DecisionRecord& record, const ports::NameDirectory& names) {
  switch (record.outcome) {
    case Outcome::limited: return refusal_text(record, names);
    case Outcome::allowed: return allowed_text(record, names);
    case Outcome::upstream_error: return allowed_text(record, names) + " The upstream failed to answer.";
    case Outcome::unauthenticated: return "Refused: it carried no API key that is known, whole and active.";
    case Outcome::forbidden: return "Refused: its key may not do this.";
    case Outcome::bad_request: return "Refused: it is not a request that this gateway takes.";
    case Outcome::shed: return "Refused: the gateway could not take it on just then.";
    case Outcome::local: return "Answered by the gateway itself.";
  }
  return "Of a kind that this version does not know.";
}

}  // namespace tollgate::services
