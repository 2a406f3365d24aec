#include "telemetry/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/assert.h"
#include "base/str.h"

namespace tollgate::telemetry {

namespace {

bool is_name(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
  });
}

void append_number(std::string& out, double number) {
  constexpr double kExact = 9007199254740992;  // 2^53: beyond it a whole number's digits would be invented
  if (std::isnan(number)) {
    out += "NaN";
  } else if (std::isinf(number)) {
    out += number > 0 ? "+Inf" : "-Inf";
  } else if (std::abs(number) < kExact && std::trunc(number) == number) {
    str::append(out, static_cast<std::int64_t>(number));
  } else {
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
  }
}

// Label values escape quotes too; help texts must not.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\' || (c == '"' && quotes)) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

// {a="x",le="0.5"}; nothing when there are no labels.
void append_labels(std::string& out, const Labels& labels, std::string_view upper_bound) {
  if (labels.empty() && upper_bound.empty()) return;
  char before = '{';
  for (const auto& [name, value] : labels) {
    str::append(out, before, name, "=\"");
    append_escaped(out, value, true);
    out += '"';
    before = ',';
  }
  if (!upper_bound.empty()) str::append(out, before, "le=\"", upper_bound, '"');
  out += '}';
}

void append_histogram(std::string& out, const std::string& name, const Labels& labels,
                      const HistogramSnapshot& snapshot) {
  TG_ASSERT(snapshot.counts.size() == snapshot.bounds.size() + 1);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < snapshot.counts.size(); ++i) {
    cumulative += snapshot.counts[i];
    std::string bound;
    append_number(bound, i < snapshot.bounds.size() ? snapshot.bounds[i] : INFINITY);
    str::append(out, name, "_bucket");
    append_labels(out, labels, bound);
    str::append(out, ' ', cumulative, '\n');
  }
  str::append(out, name, "_sum");
  append_labels(out, labels, {});
  out += ' ';
  append_number(out, snapshot.sum);
  str::append(out, '\n', name, "_count");
  append_labels(out, labels, {});
  str::append(out, ' ', cumulative, '\n');
}

}  // namespace

void Registry::counter(std::string name, std::string help, Labels labels, std::function<double()> read) {
  add({Kind::counter, std::move(name), std::move(help), std::move(labels), std::move(read), nullptr});
}

void Registry::gauge(std::string name, std::string help, Labels labels, std::function<double()> read) {
  add({Kind::gauge, std::move(name), std::move(help), std::move(labels), std::move(read), nullptr});
}

void Registry::histogram(std::string name, std::string help, Labels labels, std::function<HistogramSnapshot()> read) {
  add({Kind::histogram, std::move(name), std::move(help), std::move(labels), nullptr, std::move(read)});
}

// Metrics of one name stand together, as the format wants them, in the order in which the first of each came.
void Registry::add(Metric metric) {
  TG_ASSERT(is_name(metric.name));
  TG_ASSERT(std::ranges::all_of(metric.labels, [](const auto& label) { return is_name(label.first); }));
  const auto same_name = [&](const Metric& other) { return other.name == metric.name; };
  const auto first = std::ranges::find_if(metrics_, same_name);
  TG_ASSERT(first == metrics_.end() || first->kind == metric.kind);
  metrics_.insert(std::find_if_not(first, metrics_.end(), same_name), std::move(metric));
}

std::string Registry::render() const {
  std::string out;
  const std::string* family = nullptr;
  for (const Metric& metric : metrics_) {
    if (family == nullptr || *family != metric.name) {
      family = &metric.name;
      str::append(out, "# HELP ", metric.name, ' ');
      append_escaped(out, metric.help, false);
      const std::string_view kind = metric.kind == Kind::counter ? "counter"
                                    : metric.kind == Kind::gauge ? "gauge"
                                                                 : "histogram";
      str::append(out, "\n# TYPE ", metric.name, ' ', kind, '\n');
    }
    if (metric.kind == Kind::histogram) {
      append_histogram(out, metric.name, metric.labels, metric.buckets());
      continue;
    }
    out += metric.name;
    append_labels(out, metric.labels, {});
    out += ' ';
    append_number(out, metric.value());
    out += '\n';
  }
  return out;
}

}  // namespace tollgate::telemetry
