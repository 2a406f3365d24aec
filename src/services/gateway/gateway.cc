#include "services/gateway/gateway.h"

#include <algorithm>

#include "base/str.h"
#include "codec/http1/target.h"
#include "services/gateway/books.h"
#include "services/gateway/forward.h"
#include "services/gateway/refusal.h"

namespace tollgate::services {

using core::Outcome;

namespace {

// A key that is edited while a request asks is read again, this often at most.
constexpr int kMaxKeyReads = 4;

// Failed authentications per client network: guessing keys is slowed down, other callers of the address are not.
constexpr core::TokenBucketSpec kFailedAuthLimit{
    .refill_micro = 10'000'000, .max_burst = 100, .tokens_per_window = 100};

core::MethodBit method_bit(codec::Method method) {
  switch (method) {
    case codec::Method::get: return core::kGet;
    case codec::Method::head: return core::kHead;
    case codec::Method::post: return core::kPost;
    case codec::Method::put: return core::kPut;
    case codec::Method::patch: return core::kPatch;
    case codec::Method::del: return core::kDelete;
    case codec::Method::options: return core::kOptions;
    default: return core::kOther;
  }
}

std::string allow_header(core::MethodSet methods) {
  static constexpr std::pair<core::MethodBit, std::string_view> kNames[] = {
      {core::kGet, "GET"},     {core::kHead, "HEAD"},     {core::kPost, "POST"},      {core::kPut, "PUT"},
      {core::kPatch, "PATCH"}, {core::kDelete, "DELETE"}, {core::kOptions, "OPTIONS"}};
  std::string allow;
  for (const auto& [bit, name] : kNames) {
    if ((methods & bit) != 0) str::append(allow, allow.empty() ? "" : ", ", name);
  }
  return allow;
}

bool is_local_path(std::string_view path) {
  return path == "/health" || path == "/healthz" || path == "/readyz" || path == "/metrics" || path == "/version";
}

std::string_view without_port(std::string_view authority) {
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  return authority.substr(0, authority.find(':', bracket == std::string_view::npos ? 0 : bracket));
}

// Nothing when the limits let the request pass.
const ErrorCode* refusal_of(const core::LimitOutcome& outcome) {
  if (outcome.allowed) return nullptr;
  const auto& refusing = outcome.answers[static_cast<std::size_t>(outcome.refused_by)];
  return refusing.verdict == core::Verdict::impossible ? &codes::cost_exceeds_limit : &codes::rate_limited;
}

// Nothing was decided, so there are no figures to tell.
void forget_decision(RequestContext& context) {
  context.outcome = {};
  context.limits.clear();
}

Outcome outcome_of(const ErrorCode& code) {
  switch (code.kind) {
    case ErrorKind::limited: return Outcome::limited;
    case ErrorKind::unauthenticated: return Outcome::unauthenticated;
    case ErrorKind::forbidden: return Outcome::forbidden;
    case ErrorKind::upstream: return Outcome::upstream_error;
    case ErrorKind::timeout:
      return code.source == ErrorSource::upstream ? Outcome::upstream_error : Outcome::bad_request;
    case ErrorKind::unavailable: return Outcome::shed;
    default: return Outcome::bad_request;
  }
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::create(const config::GatewayConfig& config, GatewayDependencies dependencies,
                                                 std::vector<runtime::LoopThread*> loops) {
  TG_TRY(RoutingPlan plan, RoutingPlan::build(config, dependencies.log, dependencies.bucket_seed));
  return std::unique_ptr<Gateway>(new Gateway(config, dependencies, std::move(plan), std::move(loops)));
}

Gateway::Gateway(const config::GatewayConfig& config, GatewayDependencies dependencies, RoutingPlan plan,
                 std::vector<runtime::LoopThread*> loops)
    : config_(config),
      dependencies_(dependencies),
      plan_(std::move(plan)),
      failed_auth_limit_(core::TokenBucket::make(kFailedAuthLimit).value()),
      loops_(std::move(loops)) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    workers_.push_back(loops_[i]->call(
        [&] { return std::make_unique<GatewayWorker>(loops_[i]->loop(), plan_, config_, dependencies_.log.sink(i)); }));
  }
}

Gateway::~Gateway() {
  // Pools hold sockets of their loop: they end there.
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->call([&] { workers_[i].reset(); });
  }
}

void Gateway::register_metrics(telemetry::Registry& registry) const {
  std::vector<const GatewayCounters*> counters;
  for (const auto& worker : workers_) counters.push_back(&worker->counters());
  register_gateway_metrics(registry, std::move(counters));
}

Task<void> Gateway::handle(http::Exchange& exchange) {
  if (is_local_path(exchange.path())) {
    co_await dependencies_.local_endpoints.handle(exchange);
    co_return;
  }
  GatewayWorker& worker = *workers_[exchange.worker()];
  std::unique_ptr<Scratch> scratch = worker.borrow_scratch();
  RequestContext context{.exchange = exchange, .worker = worker, .scratch = *scratch};
  find_client(context);

  core::MethodSet allowed = 0;
  const ErrorCode* error = route(context, allowed);
  if (error == nullptr) error = authenticate(context);
  if (error == nullptr) {
    if (!limit_here(context, error)) error = co_await limit_elsewhere(context);
  } else if (error->kind == ErrorKind::unauthenticated && context.presented_credential) {
    error = co_await count_failed_authentication(context, error);
  }
  if (error == nullptr) {
    const ForwardSettings settings{
        .timeouts = config_.timeouts, .via = config_.via, .abort_on_client_close = config_.abort_on_client_close};
    error = co_await forward(context, settings);
  }
  if (error != nullptr) co_await answer_error(context, *error, allowed);
  worker.give_back(std::move(scratch));
}

void Gateway::find_client(RequestContext& context) const {
  http::Exchange& exchange = context.exchange;
  const IpAddress& peer = exchange.peer().ip;
  context.client_ip = peer;
  context.peer_is_trusted = is_trusted(config_.trusted_proxies, peer);
  if (context.peer_is_trusted) {
    std::string chain;  // the field may stand more than once: together they are one list
    for (const codec::HeaderField& field : exchange.head().fields) {
      if (field.id != codec::HeaderId::x_forwarded_for) continue;
      str::append(chain, chain.empty() ? "" : ",", field.value(exchange.bytes()));
    }
    context.client_ip = client_address(peer, chain, config_.trusted_proxies);
  }
  context.client = client_network(context.client_ip);
}

const ErrorCode* Gateway::route(RequestContext& context, core::MethodSet& allowed) const {
  const codec::RequestHead& head = context.exchange.head();
  const std::string_view bytes = context.exchange.bytes();
  context.path = context.exchange.path();
  if (!head.path_is_plain) {
    context.scratch.path.clear();
    if (!codec::normalize_path(context.path, context.scratch.path)) return &codes::bad_target;
    context.path = context.scratch.path;
    // Another spelling of one of ours is not answered as it, and not forwarded as it either.
    if (is_local_path(context.path)) return &codes::not_found;
  }
  const core::RouteMatch match =
      plan_.table.match(without_port(head.authority.in(bytes)), context.path, method_bit(head.method));
  if (match.route >= 0) {
    context.route = &plan_.routes[static_cast<std::size_t>(match.route)];
    return nullptr;
  }
  if (match.allowed == 0) return &codes::not_found;
  allowed = match.allowed;
  return &codes::method_not_allowed;
}

const ErrorCode* Gateway::authenticate(RequestContext& context) const {
  // Also where no key is asked for: one that is sent must not reach the upstream.
  const FoundCredential found = take_credential(context.exchange.head(), context.exchange.bytes());
  context.generation = dependencies_.keys.generation();
  if (context.route->auth == core::AuthMode::none) return nullptr;
  if (found.ambiguous) return &codes::ambiguous_credential;
  const CredentialTime time{.now = context.exchange.started_wall(),
                            .mono = context.worker.loop().round_time(),
                            .max_stale = config_.keys_max_stale};
  const CredentialResult result = check_credential(found.text, dependencies_.keys, time);
  context.caller = result.caller;
  context.presented_credential = !found.text.empty();
  return result.refused;
}

// Somebody presented a key and was refused: guessing is slowed down.
Task<const ErrorCode*> Gateway::count_failed_authentication(RequestContext& context, const ErrorCode* error) {
  const core::LimitCheck failures{
      .rule = &failed_auth_limit_,
      .bucket = hash128({reinterpret_cast<const char*>(context.client.bytes.data()), context.client.bytes.size()},
                        plan_.bucket_seed ^ context.client.family)};
  const auto counted = co_await dependencies_.limits.apply(std::span(&failures, 1), {});
  co_return counted && !counted->allowed ? &codes::auth_throttled : error;
}

// False: the buckets are in another process, and their answer has to be awaited.
bool Gateway::limit_here(RequestContext& context, const ErrorCode*& error) {
  for (int reads = 0; reads < kMaxKeyReads; ++reads) {
    context.limits.collect(plan_, *context.route, context.caller, context.client);
    if (context.limits.count() == 0) return true;
    if (!dependencies_.limits.apply_now(context.limits.checks(), {}, context.outcome)) return false;
    error = refusal_of(context.outcome);
    if (!context.outcome.retired) return true;
    // The key's numbers changed between reading it and asking: the new ones are published, or about to be.
    error = authenticate(context);
    if (error != nullptr) break;
  }
  if (error == nullptr) error = &codes::limiter_unavailable;
  forget_decision(context);
  return true;
}

Task<const ErrorCode*> Gateway::limit_elsewhere(RequestContext& context) {
  const ErrorCode* error = &codes::limiter_unavailable;
  for (int reads = 0; reads < kMaxKeyReads; ++reads) {
    const auto decided = co_await dependencies_.limits.apply(context.limits.checks(), {});
    if (!decided) {
      error = &decided.error().code();
      break;
    }
    context.outcome = *decided;
    if (!context.outcome.retired) co_return refusal_of(context.outcome);
    const ErrorCode* refused = authenticate(context);
    if (refused != nullptr) {
      error = refused;
      break;
    }
    context.limits.collect(plan_, *context.route, context.caller, context.client);
  }
  forget_decision(context);
  co_return error;
}

Task<void> Gateway::answer_error(RequestContext& context, const ErrorCode& code, core::MethodSet allowed) {
  http::Exchange& exchange = context.exchange;
  if (&code == &codes::cancelled || exchange.killed()) {  // the client is gone, or the server is: nobody to answer
    close_books(context, {.status = 0, .outcome = Outcome::allowed});  // cancelled is only what has passed its limits
    exchange.abort();
    co_return;
  }
  std::string extra_lines;
  if (&code == &codes::method_not_allowed) extra_lines = str::cat("Allow: ", allow_header(allowed), "\r\n");
  if (code.status == 401) extra_lines = "WWW-Authenticate: Bearer\r\n";
  const Refusal refusal = write_refusal(context, code, extra_lines);
  close_books(context, {.status = refusal.status,
                        .outcome = outcome_of(code),
                        .retry_after = refusal.retry_after,
                        .last_bytes = refusal.bytes.size()});
  exchange.begin_response(refusal.status, exchange.keep_alive());
  iovec part{const_cast<char*>(refusal.bytes.data()), refusal.bytes.size()};
  std::span<iovec> parts(&part, 1);
  runtime::IoResult sent;
  co_await exchange.loop().write_turn();
  if (!exchange.try_write(parts, sent)) sent = co_await exchange.write(parts);
  exchange.end_response();
}

void Gateway::refused(const http::RefusedRequest& refused) {
  record_refused(*workers_[refused.worker], refused);
}

std::vector<ports::UpstreamState> Gateway::upstreams(MonoTime now) const {
  const auto since = [&](MonoTime when) {
    return when == MonoTime{} ? std::nullopt : std::optional<Nanos>(std::max(now - when, Nanos(0)));
  };
  std::vector<ports::UpstreamState> states;
  for (std::size_t i = 0; i < plan_.upstreams.size(); ++i) {
    GatewayWorker::UpstreamTimes newest;
    for (const auto& worker : workers_) {
      const GatewayWorker::UpstreamTimes times = worker->upstream_times(i);
      newest = {.connected = std::max(newest.connected, times.connected),
                .refused = std::max(newest.refused, times.refused)};
    }
    const core::UpstreamAddress& address = plan_.upstreams[i];
    states.push_back(
        {.url = str::cat("http://", http::UpstreamTarget{.host = address.host, .port = address.port}.authority()),
         .routes = {},
         .connected_ago = since(newest.connected),
         .refused_ago = since(newest.refused)});
  }
  for (const PlannedRoute& route : plan_.routes) {
    for (const std::size_t upstream : route.upstreams) {
      states[upstream].routes.push_back(plan_.table.routes()[route.index].name);
    }
  }
  return states;
}

}  // namespace tollgate::services
