// Why one request was answered as it was: what its record says, in words, and who had used what it lacked.
//
// Thread safety: pure, but for the log that is asked. Blocks as that does.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "core/usage/record_filter.h"
#include "ports/names.h"
#include "ports/request_log.h"

namespace tollgate::services {

// Requests that took tokens from the bucket that refused a request, in the hour before it.
struct TokenUsers {
  std::string limit;                         // empty: nothing was refused
  std::vector<core::LoggedRecord> requests;  // the latest first, at most kTokenUsersMax
  std::uint64_t tokens = 0;                  // that these took
  bool complete = true;                      // there were no others
};
inline constexpr std::size_t kTokenUsersMax = 50;

// Errors: those of RequestLog::search().
Result<TokenUsers> find_token_users(const core::LoggedRecord& decision, ports::RequestLog& log,
                                    const ports::NameDirectory& names);

// One or two sentences.
std::string explain(const core::DecisionRecord& record, const ports::NameDirectory& names);

}  // namespace tollgate::services
