// One blocking call to another service, with the service token.
//
// Errors are store_unavailable when there is no usable answer (refused, late, cut short, 5xx, token not accepted), else
// the code that the service's problem document names, with its detail. Thread safety: any thread but an event loop's.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "http/fetch.h"
#include "runtime/loop_thread.h"

namespace tollgate::stores {

struct ServiceClientOptions {
  std::string url;  // http://host:port
  std::string service_token;
  Millis timeout{5'000};
};

class ServiceClient {
 public:
  static Result<std::unique_ptr<ServiceClient>> make(ServiceClientOptions options);  // config_invalid
  ~ServiceClient();
  ServiceClient(const ServiceClient&) = delete;
  ServiceClient& operator=(const ServiceClient&) = delete;

  struct Post {
    std::string target;
    std::string content_type;
    std::string body;
  };
  // The body of a 2xx answer.
  Result<std::string> get(const std::string& target);
  Result<std::string> post(Post post);

 private:
  ServiceClient(ServiceClientOptions options, http::UpstreamTarget target);
  Result<std::string> call(http::FetchRequest request);

  const ServiceClientOptions options_;
  std::string peer_;  // for messages
  runtime::LoopThread thread_{"remote"};
  std::unique_ptr<http::UpstreamPool> pool_;  // the thread's
};

// What a value from a peer's answer failed with is the peer's fault, not the caller's.
Error unusable_answer(const Error& error);

}  // namespace tollgate::stores
