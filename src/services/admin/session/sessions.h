// Browsers that signed in: from the password to the cookie, and from the cookie to who is calling.
//
// A session ends after half an hour without a request, after twelve hours, or when its user signs out, changes the
// password or is given another role. It survives a restart of the server.
//
// Thread safety: any thread that may block.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "ports/session_store.h"
#include "ports/user_store.h"
#include "services/admin/session/admin_caller.h"

namespace tollgate::services {

// What is shown of a browser, so that people recognise theirs.
struct Browser {
  std::string network;
  std::string user_agent;
};

class Sessions {
 public:
  static constexpr Seconds kLifetime{12 * 60 * 60};
  // A request a minute moves the end of an idle session; more would be a write to the disk for each request. So the
  // half hour may be up to a minute shorter.
  static constexpr Seconds kTouchEvery{60};
  static constexpr std::size_t kSecretLength = 43;  // 256 bits
  static constexpr std::size_t kUserAgentMax = 256;

  struct Opened {
    ports::Session session;
    std::string secret;  // for the browser, and kept nowhere
  };

  // All outlive this.
  Sessions(ports::SessionStore& store, ports::UserStore& users, const Clock& clock)
      : store_(store), users_(users), clock_(clock) {}

  Result<Opened> open(const ports::User& user, Browser browser, const ports::WriteNote& note) const;
  // unauthenticated_admin, without saying why.
  Result<AdminCaller> check(std::string_view secret) const;

 private:
  void note_use(const ports::Session& session, WallTime now) const;

  ports::SessionStore& store_;
  ports::UserStore& users_;
  const Clock& clock_;
};

}  // namespace tollgate::services
