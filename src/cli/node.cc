#include "cli/node.h"

#include <unistd.h>

#include <thread>

#include "base/str.h"
#include "cli/dashboard_files.h"
#include "cli/log_level.h"
#include "cli/metrics.h"
#include "cli/system_facts.h"
#include "cli/version.h"
#include "services/admin/session/admin_tokens.h"
#include "services/gateway/client_address.h"
#include "telemetry/log.h"

namespace tollgate::cli {
namespace {

constexpr unsigned kBlockingThreads = 4;

Result<SocketAddress> socket_address(const config::Listen& listen) {
  const auto ip = IpAddress::parse(listen.address);
  if (!ip) return fail(codes::config_invalid, str::cat("\"", listen.address, "\" is not an IP address to listen on"));
  return SocketAddress{.ip = *ip, .port = listen.port};
}

}  // namespace

Result<std::unique_ptr<Node>> Node::start(config::Config config, config::LoadInput input) {
  const ServiceSet set = ServiceSet::of(input.service);
  std::unique_ptr<Node> node(new Node(std::move(config), std::move(input), set));
  if (auto started = node->start_all(); !started) return std::unexpected(std::move(started).error());
  return node;
}

Node::~Node() {
  drain();
}

Result<void> Node::start_all() {
  if (set_.admin) {
    if (auto exposed = services::check_admin_exposure(config_.admin); !exposed) return exposed;
  }
  const unsigned workers = config_.workers > 0 ? config_.workers : std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < workers; ++i)
    worker_loops_.push_back(std::make_unique<runtime::LoopThread>(str::cat("worker-", i)));
  control_loop_ = std::make_unique<runtime::LoopThread>("control");
  pool_ = std::make_unique<runtime::BlockingPool>(kBlockingThreads);
  Storage::Loops loops{.workers = worker_loop_pointers(), .control = control_loop_.get()};
  TG_TRY(storage_, Storage::open(config_, set_, loops));
  // That of a process that was killed: the directory is ours now, and nobody may take us for ready yet.
  if (set_.gateway && set_.admin) ::unlink((config_.data_dir + "/endpoints.json").c_str());
  if (auto made = make_guard(); !made) return made;
  if (set_.admin) {
    TG_TRY(admin_user_,
           services::ensure_admin_user(
               config_, {.users = *storage_->users(), .hasher = storage_->hasher(), .clock = storage_->clock()}));
  }
  storage_->start_background();
  maintenance_ = std::make_unique<Maintenance>(Millis(1'000), [this] { storage_->maintain(); });
  if (storage_->usage() != nullptr) {
    usage_maintenance_ = std::make_unique<Maintenance>(Millis(1'000), [this] { storage_->maintain_usage(); });
  }

  // The gateway follows what it needs: the sample backend's port may not have been known before.
  if (set_.backend) {
    if (auto started = start_backend(); !started) return started;
  }
  if (set_.limiter) {
    if (auto started = start_limiter(); !started) return started;
  }
  if (set_.analytics) {
    if (auto started = start_analytics(); !started) return started;
  }
  if (set_.gateway) {
    if (auto started = start_gateway(); !started) return started;
  }
  if (set_.admin) {
    if (auto started = start_admin(); !started) return started;
  }
  warn_of_descriptor_limit();
  return {};
}

std::vector<runtime::LoopThread*> Node::worker_loop_pointers() const {
  std::vector<runtime::LoopThread*> loops;
  for (const auto& loop : worker_loops_) loops.push_back(loop.get());
  return loops;
}

// Where users are known, they are asked; apart from admin a token is believed as it is signed.
Result<CallerGuard::TokenCheck> Node::token_check() const {
  if (storage_->users() != nullptr) {
    TG_TRY(services::AdminTokens tokens,
           services::AdminTokens::make(storage_->jwt_secret(), *storage_->users(), storage_->clock()));
    return [tokens = std::move(tokens)](std::string_view token) { return tokens.check(token); };
  }
  TG_TRY(services::SignedTokens tokens, services::SignedTokens::make(storage_->jwt_secret(), storage_->clock()));
  return [tokens = std::move(tokens)](std::string_view token) -> Result<services::AdminCaller> {
    TG_TRY(services::SignedTokens::Read read, tokens.read(token));
    return std::move(read.caller);
  };
}

Result<void> Node::make_guard() {
  if (!set_.limiter && !set_.analytics) return {};
  TG_TRY(CallerGuard::TokenCheck check, token_check());
  guard_ = std::make_unique<CallerGuard>(storage_->service_token(), *pool_, std::move(check));
  return {};
}

http::ServiceInfo Node::info(const char* name) {
  telemetry::Registry& registry = metrics_[name];
  telemetry::add_process_metrics(registry);
  return {.name = name,
          .version = std::string(kVersion),
          .not_ready_because = [this]() -> std::string {
            if (draining_.load(std::memory_order_relaxed)) return "shutting down";
            if (storage_->directory() != nullptr && !storage_->directory()->ready())
              return "API keys are not loaded yet";
            if (set_.gateway && storage_->directory() != nullptr &&
                storage_->directory()->staleness(storage_->clock().mono_now()) > config_.gateway.keys_max_stale)
              return "admin has not confirmed the API keys for longer than gateway.keysMaxStale";
            return {};
          },
          .service_token = storage_->service_token(),
          .metrics = &registry};
}

ConnectionsOf Node::connections_of(std::string_view service) const {
  const bool alone = set_.gateway + set_.backend + set_.limiter + set_.analytics + set_.admin == 1;
  if (service == "gateway") return ConnectionsOf::gateway;
  if (alone) return ConnectionsOf::alone;
  return service == "backend" ? ConnectionsOf::backend : ConnectionsOf::other;
}

// As configured, unless that leaves no descriptors for anything else.
std::uint32_t Node::max_connections(std::string_view service) const {
  return std::min(config_.gateway.max_connections, connections_within(descriptor_limit(), connections_of(service)));
}

// Only once everything has started: a start that fails says why, and nothing else.
void Node::warn_of_descriptor_limit() const {
  const std::uint32_t wanted = config_.gateway.max_connections;
  for (const services::ServiceAddress& service : addresses_) {
    const ConnectionsOf whose = connections_of(service.name);
    const std::uint32_t possible = max_connections(service.name);
    if (possible == wanted || (whose != ConnectionsOf::gateway && whose != ConnectionsOf::alone)) continue;
    telemetry::log(telemetry::Level::warn, service.name,
                   "gateway.maxConnections is more than the descriptor limit allows",
                   {{"maxConnections", std::uint64_t{wanted}},
                    {"descriptorLimit", descriptor_limit()},
                    {"connections", std::uint64_t{possible}},
                    {"remedy", str::cat("raise the hard limit to ", descriptors_for(wanted, whose),
                                        " (ulimit -Hn, LimitNOFILE= of systemd), or lower gateway.maxConnections")}});
  }
}

Result<std::string> Node::serve(const char* name, const config::Listen& listen, http::Handler& handler,
                                bool on_workers) {
  TG_TRY(const SocketAddress address, socket_address(listen));
  std::vector<runtime::LoopThread*> loops = on_workers ? worker_loop_pointers() : std::vector{control_loop_.get()};
  const config::Timeouts& timeouts = config_.gateway.timeouts;
  http::ServerOptions options{.address = address,
                              .timeouts = {.header = timeouts.header,
                                           .body_idle = timeouts.body_idle,
                                           .keep_alive = timeouts.keep_alive,
                                           .write_stall = timeouts.write_stall},
                              .max_connections = max_connections(name)};
  if (std::string_view(name) == "gateway") {
    options.max_per_client = config_.gateway.max_connections_per_client;
    options.is_uncapped = [&trusted = config_.gateway.trusted_proxies](const IpAddress& peer) {
      return services::is_trusted(trusted, peer);
    };
  }
  add_connection_metrics(metrics_[name], options.counts);
  auto server = http::Server::start(std::move(loops), handler, options);
  if (!server) return std::unexpected(std::move(server).error().while_doing(str::cat("starting ", name)));
  std::string url = (*server)->url();
  addresses_.push_back({.name = name, .url = url});
  servers_.push_back(*std::move(server));
  return url;
}

Result<void> Node::start_backend() {
  backend_ = std::make_unique<services::BackendService>(storage_->clock());
  http::add_service_endpoints(backend_->router(), info("backend"));
  TG_TRY([[maybe_unused]] const std::string url, serve("backend", config_.backend.listen, *backend_, true));
  const std::uint16_t port = servers_.back()->address().port;
  for (core::Route& route : config_.gateway.routes) {
    for (core::UpstreamAddress& upstream : route.upstreams) {
      if (upstream.port == 0) upstream.port = port;
    }
  }
  return {};
}

Result<void> Node::start_limiter() {
  TG_TRY(const core::TokenBucket default_rule, core::TokenBucket::make(config_.limiter.default_limit));
  limiter_ = std::make_unique<services::LimiterService>(
      *storage_->limits(), *storage_->directory(), storage_->clock(),
      services::LimiterService::Options{.guard = guard_->guard(),
                                        .internal_guard = http::service_token_guard(storage_->service_token()),
                                        .default_rule = default_rule,
                                        .bucket_seed = storage_->bucket_seed()});
  http::add_service_endpoints(limiter_->router(), info("limiter"));
  if (storage_->memory_limits() != nullptr) add_limit_metrics(metrics_["limiter"], *storage_->memory_limits());
  TG_TRY([[maybe_unused]] const std::string url, serve("limiter", config_.limiter.listen, limiter_->router(), true));
  return {};
}

Result<void> Node::start_analytics() {
  analytics_ = std::make_unique<services::AnalyticsService>(
      services::AnalyticsDependencies{.usage = *storage_->usage(),
                                      .intake = *storage_->intake(),
                                      .requests = *storage_->requests(),
                                      .names = storage_->usage()->names(),
                                      .pool = *pool_,
                                      .clock = storage_->clock(),
                                      .guard = guard_->guard(),
                                      .log_counters = [this] { return log_counters(); }});
  http::add_service_endpoints(analytics_->router(), info("analytics"));
  add_log_metrics(metrics_["analytics"], [this] { return log_counters(); });
  add_request_log_metrics(metrics_["analytics"], *storage_->requests());
  add_usage_metrics(metrics_["analytics"], *storage_->usage(), storage_->clock());
  TG_TRY([[maybe_unused]] const std::string url,
         serve("analytics", config_.analytics.listen, analytics_->router(), false));
  return {};
}

Result<void> Node::start_gateway() {
  http::add_service_endpoints(gateway_endpoints_, info("gateway"));
  add_health_endpoint(gateway_endpoints_);
  TG_TRY(gateway_, services::Gateway::create(config_.gateway,
                                             {.keys = *storage_->directory(),
                                              .limits = *storage_->limits(),
                                              .log = storage_->records(),
                                              .local_endpoints = gateway_endpoints_,
                                              .bucket_seed = storage_->bucket_seed()},
                                             worker_loop_pointers()));
  gateway_->register_metrics(metrics_["gateway"]);
  // Where the limiter is another process, those that are decided here while it is away.
  if (!set_.limiter && storage_->memory_limits() != nullptr) {
    add_limit_metrics(metrics_["gateway"], *storage_->memory_limits());
  }
  if (storage_->remote_limits() != nullptr) add_remote_limit_metrics(metrics_["gateway"], *storage_->remote_limits());
  add_log_metrics(metrics_["gateway"], [this] { return log_counters(); });
  if (storage_->log() != nullptr) add_log_health_metrics(metrics_["gateway"], *storage_->log());
  TG_TRY([[maybe_unused]] const std::string url, serve("gateway", config_.gateway.listen, *gateway_, true));
  gateway_server_ = servers_.back().get();
  return {};
}

Result<void> Node::start_admin() {
  auto service = services::AdminService::make({.keys = *storage_->keys(),
                                               .users = *storage_->users(),
                                               .sessions = *storage_->sessions(),
                                               .audit = *storage_->audit(),
                                               .hasher = storage_->hasher(),
                                               .pool = *pool_,
                                               .clock = storage_->clock(),
                                               .limits = storage_->limits(),
                                               .directory = storage_->directory(),
                                               .usage = storage_->usage_reader(),
                                               .routes = gateway_ == nullptr ? nullptr : &gateway_->routes(),
                                               .analytics = analytics_ ? &analytics_->router() : nullptr},
                                              {.jwt_secret = storage_->jwt_secret(),
                                               .service_token = storage_->service_token(),
                                               .info = info("admin"),
                                               .gateway_limits = config_.gateway.limits,
                                               .dashboard = dashboard_files(),
                                               .public_origin = config_.admin.public_url,
                                               .analytics_url = analytics_ ? std::string() : analytics_url(),
                                               .services = [this] { return known_services(); },
                                               .log_counters = [this] { return log_counters(); },
                                               .facts = [this] { return facts(); },
                                               .upstreams = upstreams(),
                                               .config = loaded_,
                                               .config_input = input_,
                                               .set_log_level = set_log_level,
                                               .keys_changed =
                                                   [this] {
                                                     // Fails: the follower's own next turn brings them.
                                                     if (storage_->follower() != nullptr) {
                                                       [[maybe_unused]] const auto followed =
                                                           storage_->follower()->follow_once();
                                                     }
                                                   }});
  if (!service) return std::unexpected(std::move(service).error());
  admin_ = *std::move(service);
  TG_TRY([[maybe_unused]] const std::string url, serve("admin", config_.admin.listen, admin_->router(), false));
  return {};
}

// Of the gateway here. Analytics alone knows only what has reached it.
std::optional<ports::LogCounters> Node::log_counters() const {
  if (storage_->log() != nullptr) return storage_->log()->counters();
  if (storage_->usage() == nullptr) return std::nullopt;
  const auto stats = storage_->usage()->system_stats(storage_->clock().wall_now());
  if (!stats) return std::nullopt;
  return ports::LogCounters{.produced = stats->counts.requests, .stored = stats->counts.requests};
}

services::SystemFacts Node::facts() {
  return system_facts(config_, *storage_, static_cast<unsigned>(worker_loops_.size()));
}

// Empty where there is no gateway.
std::function<std::vector<ports::UpstreamState>()> Node::upstreams() const {
  if (gateway_ == nullptr) return {};
  return [this] { return gateway_->upstreams(storage_->clock().mono_now()); };
}

// Where it is when it is not here.
std::string Node::analytics_url() const {
  return config_.admin.analytics_url.value_or(str::cat("http://127.0.0.1:", config::AnalyticsConfig{}.listen.port));
}

// Those of this process as they listen, the others as configured, or where they listen by default.
std::vector<services::ServiceAddress> Node::known_services() const {
  std::vector<services::ServiceAddress> all = addresses_;
  const config::AdminConfig& admin = config_.admin;
  struct Other {
    const char* name;
    const std::optional<std::string>& url;
    std::uint16_t default_port;
  };
  const Other others[] = {{"gateway", admin.gateway_url, config::GatewayConfig{}.listen.port},
                          {"limiter", admin.limiter_url, config::LimiterConfig{}.listen.port},
                          {"analytics", admin.analytics_url, config::AnalyticsConfig{}.listen.port},
                          {"backend", admin.backend_url, config::BackendConfig{}.listen.port}};
  for (const Other& other : others) {
    const bool here =
        std::any_of(addresses_.begin(), addresses_.end(), [&](const auto& a) { return a.name == other.name; });
    if (here) continue;
    // What the gateway stands in front of may be anybody's API.
    const bool foreign = std::string_view(other.name) == "backend" && other.url;
    all.push_back({.name = other.name,
                   .url = other.url.value_or(str::cat("http://127.0.0.1:", other.default_port)),
                   .foreign = foreign});
  }
  return all;
}

void Node::drain() {
  if (draining_.exchange(true)) return;
  // The gateway first: what it forwards still finds the services behind it. All have one deadline.
  const MonoTime deadline = storage_ ? storage_->clock().mono_now() + config_.gateway.timeouts.drain : MonoTime{};
  const auto drain_server = [&](http::Server& server) {
    const auto left = std::chrono::floor<Millis>(deadline - storage_->clock().mono_now());
    server.drain(std::max(left, Millis(0)));
  };
  if (gateway_server_ != nullptr) drain_server(*gateway_server_);
  for (auto server = servers_.rbegin(); server != servers_.rend(); ++server) drain_server(**server);
  maintenance_.reset();
  usage_maintenance_.reset();
  servers_.clear();
  gateway_.reset();
  if (storage_) storage_->finish();
}

}  // namespace tollgate::cli
