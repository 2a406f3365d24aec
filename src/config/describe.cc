#include "config/describe.h"

#include <algorithm>
#include <array>

#include "base/str.h"

namespace tollgate::config {
namespace {

constexpr auto kValue = Shape::value;
constexpr auto kValues = Shape::values;

constexpr auto kKeys = std::to_array<KeyInfo>({
    {"dataDir", kValue, "path", "./tollgate-data", "Where keys, usage, secrets and logs are kept."},
    {"logLevel", kValue, "word", "info", "debug, info, warn or error."},
    {"workers", kValue, "number", "0", "Event loops that serve requests; 0 is one per core."},

    {"gateway.listen.address", kValue, "address", "127.0.0.1", "The address to listen on."},
    {"gateway.listen.port", kValue, "number", "3000", "The port to listen on; 0 takes any free one."},
    {"gateway.upstream", kValue, "URL", "", "Where routes go that name no upstream; without it, the sample backend."},
    {"gateway.limiterUrl", kValue, "URL", "", "Ask this rate limiter instead of deciding in the gateway."},
    {"gateway.analyticsUrl", kValue, "URL", "", "Send decision records to this analytics service."},
    {"gateway.adminUrl", kValue, "URL", "", "Take keys and tiers from this admin service."},
    {"gateway.trustedProxies", kValues, "networks", "",
     "Networks whose X-Forwarded-For is believed when the client's address is looked for."},
    {"gateway.maxBody", kValue, "size", "64GiB", "The largest request body, unless a route says otherwise."},
    {"gateway.maxConnections", kValue, "number", "20000",
     "The most client connections at once, if the descriptor limit allows."},
    {"gateway.maxConnectionsPerClient", kValue, "number", "0",
     "The most of these from one address, or one IPv6 /64; trustedProxies may have more; 0 is no limit."},
    {"gateway.upstreamConnections", kValue, "number", "512", "Idle connections kept per worker and upstream."},
    {"gateway.via", kValue, "word", "tollgate", "This gateway's name in Via; unique among gateways in a row."},
    {"gateway.keysMaxStale", kValue, "duration", "1h",
     "Keys open nothing once admin has not confirmed them for so long: then 503, not 401."},
    {"gateway.abortOnClientClose", kValue, "true or false", "false",
     "End a request whose client has closed its side; one that reset the connection always ends."},
    {"gateway.timeouts.header", kValue, "duration", "10s", "A request's first byte to the end of its head."},
    {"gateway.timeouts.bodyIdle", kValue, "duration", "10s", "Between two pieces of a request body."},
    {"gateway.timeouts.keepAlive", kValue, "duration", "60s", "Between two requests on a connection."},
    {"gateway.timeouts.writeStall", kValue, "duration", "30s", "A client that takes nothing of its response."},
    {"gateway.timeouts.connect", kValue, "duration", "2s",
     "Connecting to an upstream, the look-up of its name included."},
    {"gateway.timeouts.firstByte", kValue, "duration", "30s", "Request forwarded to the upstream's first byte."},
    {"gateway.timeouts.upstreamIdle", kValue, "duration", "60s",
     "Between two pieces of a response body, event streams included."},
    {"gateway.timeouts.total", kValue, "duration", "0", "The whole request; 0 is no limit."},
    {"gateway.timeouts.drain", kValue, "duration", "10s", "SIGTERM to the end of the last request."},

    {"gateway.limits[].name", kValue, "name", "",
     "1 to 40 of a-z, 0-9, _ and -; \"key\" is the built-in limit of a key."},
    {"gateway.limits[].kind", kValue, "word", "token_bucket", "The only kind that this version has."},
    {"gateway.limits[].refillRate", kValue, "rate", "", "Tokens per second; may be a fraction."},
    {"gateway.limits[].maxBurst", kValue, "number", "", "Tokens that the bucket holds."},
    {"gateway.limits[].tokensPerWindow", kValue, "number", "maxBurst",
     "What clients are told; a new bucket starts with the smaller of this and maxBurst."},
    {"gateway.limits[].scope", kValues, "words", "",
     "Requests that agree in all of these share a bucket: route, tier, key, client_ip; or global, alone."},
    {"gateway.limits[].mode", kValue, "word", "enforce", "enforce, or shadow: counted and shown, never refuses."},

    {"gateway.routes[].name", kValue, "name", "", "1 to 40 of a-z, 0-9, _ and -; unique."},
    {"gateway.routes[].match.path", kValue, "pattern", "",
     "\"*\" or \"{id}\" is one segment; \"/**\" at the end is the rest, also nothing."},
    {"gateway.routes[].match.hosts", kValues, "hosts", "any",
     "Names without port; \"*.example.com\" is any name below it."},
    {"gateway.routes[].match.methods", kValues, "words", "any",
     "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS. A route that takes GET serves HEAD."},
    {"gateway.routes[].auth", kValue, "word", "api_key", "api_key, or none."},
    {"gateway.routes[].upstream", kValues, "URLs", "gateway.upstream", "http://host:port; several are taken in turn."},
    {"gateway.routes[].cost", kValue, "number", "1", "Tokens that a request takes, 0 to 1000000."},
    {"gateway.routes[].maxBody", kValue, "size", "gateway.maxBody", "The largest request body."},
    {"gateway.routes[].limits[].name", kValue, "name", "", "As in gateway.limits[]."},
    {"gateway.routes[].limits[].kind", kValue, "word", "token_bucket", "As in gateway.limits[]."},
    {"gateway.routes[].limits[].refillRate", kValue, "rate", "", "As in gateway.limits[]."},
    {"gateway.routes[].limits[].maxBurst", kValue, "number", "", "As in gateway.limits[]."},
    {"gateway.routes[].limits[].tokensPerWindow", kValue, "number", "maxBurst", "As in gateway.limits[]."},
    {"gateway.routes[].limits[].scope", kValues, "words", "", "As in gateway.limits[]."},
    {"gateway.routes[].limits[].mode", kValue, "word", "enforce", "As in gateway.limits[]."},

    {"backend.listen.address", kValue, "address", "127.0.0.1", "The address to listen on."},
    {"backend.listen.port", kValue, "number", "3001", "The port to listen on; 0 takes any free one."},

    {"limiter.listen.address", kValue, "address", "127.0.0.1", "The address to listen on."},
    {"limiter.listen.port", kValue, "number", "3002", "The port to listen on; 0 takes any free one."},
    {"limiter.defaultLimit.refillRate", kValue, "rate", "10", "Tokens per second of a caller that has no tier."},
    {"limiter.defaultLimit.maxBurst", kValue, "number", "100", "Tokens that its bucket holds."},
    {"limiter.defaultLimit.tokensPerWindow", kValue, "number", "maxBurst", "What it is told."},
    {"limiter.memory", kValue, "size", "256MiB", "The most memory that buckets may take."},
    {"limiter.adminUrl", kValue, "URL", "", "Take keys and tiers from this admin service."},

    {"analytics.listen.address", kValue, "address", "127.0.0.1", "The address to listen on."},
    {"analytics.listen.port", kValue, "number", "3003", "The port to listen on; 0 takes any free one."},
    {"analytics.requests.keep", kValue, "duration", "7d", "How long single requests can be searched and explained."},
    {"analytics.requests.maxBytes", kValue, "size", "4GiB",
     "The disk that they may take; beyond it the oldest go first."},
    {"analytics.rollups.keep1s", kValue, "duration", "1h",
     "How long figures of single seconds are kept; at least 10m, at most 7d."},
    {"analytics.rollups.keep1m", kValue, "duration", "400d",
     "Figures of minutes; at least 1d, and no shorter than those of seconds."},
    {"analytics.rollups.keep1h", kValue, "duration", "1098d",
     "Figures of hours; at least 7d, and no shorter than those of minutes."},
    {"analytics.rollups.keep1d", kValue, "duration", "3660d",
     "Figures of days; at least 31d, and no shorter than those of hours. Totals are kept for ever."},
    {"analytics.rollups.maxBytes", kValue, "size", "16GiB",
     "The most that usage.db may take: beyond it the finest figures go first, of those the oldest. 0 is no bound."},

    {"admin.listen.address", kValue, "address", "127.0.0.1", "The address to listen on."},
    {"admin.listen.port", kValue, "number", "3004", "The port to listen on; 0 takes any free one."},
    {"admin.username", kValue, "word", "admin", "The first user's name."},
    {"admin.insecureAdmin", kValue, "true or false", "false",
     "Serve plain HTTP beyond loopback: TLS ends in front of it."},
    {"admin.publicUrl", kValue, "https URL", "",
     "What browsers call the admin where TLS ends in front of it. Its session cookie is then for TLS alone."},
    {"admin.gatewayUrl", kValue, "URL", "", "The gateway whose health is shown."},
    {"admin.limiterUrl", kValue, "URL", "", "The rate limiter whose health and buckets are shown."},
    {"admin.analyticsUrl", kValue, "URL", "", "The analytics service that usage comes from."},
    {"admin.backendUrl", kValue, "URL", "", "The backend whose health is shown."},
});

constexpr auto kVariables = std::to_array<OutsideInfo>({
    {"PORT", "<service>.listen.port", "Port of the service that is started; for `up`, of the first of five in a row."},
    {"GATEWAY_URL", "admin.gatewayUrl", "Where the gateway is, for its health."},
    {"RATE_LIMITER_URL", "gateway.limiterUrl, admin.limiterUrl", "Where the rate limiter is."},
    {"ANALYTICS_SERVICE_URL", "gateway.analyticsUrl, admin.analyticsUrl", "Where the analytics service is."},
    {"ADMIN_URL", "gateway.adminUrl, limiter.adminUrl", "Where the admin service is."},
    {"BACKEND_URL", "gateway.upstream, admin.backendUrl", "The API behind the gateway."},
    {"DEFAULT_TOKENS", "limiter.defaultLimit.maxBurst and .tokensPerWindow", "Tokens of a caller that has no tier."},
    {"REFILL_RATE", "limiter.defaultLimit.refillRate", "Tokens per second of such a caller."},
    {"ADMIN_USERNAME", "admin.username", "The first user's name."},
    {"ADMIN_PASSWORD", "", "The first user's password; without it, one is made at the first start."},
    {"JWT_SECRET", "",
     "Signs logins; the same for admin, limiter and analytics. Without it, one is made in the data directory."},
    {"SERVICE_TOKEN", "",
     "What services show each other; the same for all. Without it, one is made in the data directory."},
    {"TOLLGATE_DATA_DIR", "dataDir", "Where state is kept."},
    {"LOG_LEVEL", "logLevel", "debug, info, warn or error, in any case."},
    {"REDIS_HOST", "", "Accepted, with a warning: this version keeps limit state in memory."},
    {"POSTGRES_DB", "", "Accepted, with a warning: this version keeps data in SQLite."},
});

constexpr auto kFlags = std::to_array<OutsideInfo>({
    {"--config", "", "The file that this page describes."},
    {"--data-dir", "dataDir", "Where state is kept."},
    {"--base-port", "<service>.listen.port",
     "Five ports in a row, from the gateway's to the admin's; 0 takes any free ones."},
    {"--port", "<service>.listen.port", "Port of the one service that is started."},
    {"--listen", "<service>.listen.address", "The address of every service."},
    {"--upstream", "gateway.upstream", "The API behind the gateway."},
    {"--log-level", "logLevel", "debug, info, warn or error."},
    {"--workers", "workers", "Event loops that serve requests."},
    {"--insecure-admin", "admin.insecureAdmin", "Serve the admin over plain HTTP beyond loopback."},
});

// The part of `path` before the first dot: "routes[]" of "routes[].match.path".
std::string_view first_part(std::string_view path) {
  return path.substr(0, path.find('.'));
}

void append_key_table(std::string& out, std::string_view section) {
  str::append(out, "| Key | Value | Default | Meaning |\n|---|---|---|---|\n");
  for (const KeyInfo& key : kKeys) {
    const bool top = key.path.find('.') == std::string_view::npos;
    if (section.empty() ? !top : top || first_part(key.path) != section) continue;
    str::append(out, "| `", key.path, "` | ", key.type, " | ", key.fallback.empty() ? "" : "`", key.fallback,
                key.fallback.empty() ? "" : "`", " | ", key.help, " |\n");
  }
}

void append_outside_table(std::string& out, std::string_view kind, std::span<const OutsideInfo> entries) {
  str::append(out, "| ", kind, " | Sets | Meaning |\n|---|---|---|\n");
  for (const OutsideInfo& entry : entries) {
    str::append(out, "| `", entry.name, "` | ", entry.sets, " | ", entry.help, " |\n");
  }
}

}  // namespace

std::span<const KeyInfo> known_keys() {
  return kKeys;
}
std::span<const OutsideInfo> known_variables() {
  return kVariables;
}
std::span<const OutsideInfo> known_flags() {
  return kFlags;
}

std::vector<ChildKey> children_of(std::string_view path) {
  std::vector<ChildKey> children;
  for (const KeyInfo& key : kKeys) {
    std::string_view rest = key.path;
    if (!path.empty()) {
      if (!rest.starts_with(path) || !rest.substr(path.size()).starts_with('.')) continue;
      rest.remove_prefix(path.size() + 1);
    }
    ChildKey child{first_part(rest), key.shape};
    if (child.name.ends_with("[]")) {
      child = {child.name.substr(0, child.name.size() - 2), Shape::sections};
    } else if (child.name != rest) {
      child.shape = Shape::section;
    }
    if (std::ranges::find(children, child.name, &ChildKey::name) == children.end()) children.push_back(child);
  }
  return children;
}

std::string reference_markdown() {
  std::string out =
      "# Configuration\n\n"
      "Settings come from flags, then the environment, then the file given with `--config`, then the defaults below; "
      "the first\n"
      "that says something wins. `tollgate` checks all of them before it starts and reports every problem with its "
      "line. The\n"
      "file is YAML: unknown keys, keys given twice, anchors and tags are refused. Durations are written `500ms`, "
      "`10s`, `2m`,\n"
      "`1h` or `7d`, sizes `512KiB`, `64MiB` or `1GiB`. `[]` in a key stands for each element of a list. Secrets are "
      "never "
      "part of\n"
      "the file; they come from the environment or are made at the first start.\n\n"
      "`examples/tollgate.yaml` is the smallest useful file, `examples/full.yaml` shows every key.\n\n"
      "## General\n\n";
  append_key_table(out, "");
  for (const std::string_view section : {"gateway", "backend", "limiter", "analytics", "admin"}) {
    str::append(out, "\n## ", section, "\n\n");
    append_key_table(out, section);
  }
  str::append(out, "\n## Environment\n\nA variable that is empty counts as not set.\n\n");
  append_outside_table(out, "Variable", kVariables);
  str::append(out, "\n## Flags\n\n");
  append_outside_table(out, "Flag", kFlags);
  return out;
}

}  // namespace tollgate::config
