#include "codec/usage/csv.h"
#include "codec/usage/usage_json.h"

namespace tollgate::codec {
namespace {

struct Column {
  std::string_view name;
  std::uint64_t ports::UsageCounts::* count;
};
constexpr Column kColumns[] = {{"requests", &ports::UsageCounts::requests},
                               {"allowed", &ports::UsageCounts::allowed},
                               {"rateLimited", &ports::UsageCounts::rate_limited},
                               {"unauthorized", &ports::UsageCounts::unauthorized},
                               {"errors", &ports::UsageCounts::errors},
                               {"cost", &ports::UsageCounts::cost},
                               {"bytesIn", &ports::UsageCounts::bytes_in},
                               {"bytesOut", &ports::UsageCounts::bytes_out}};

void count_members(JsonWriter& json, const ports::UsageCounts& counts) {
  for (const Column& column : kColumns) json.member(column.name, counts.*column.count);
}

}  // namespace

std::string_view name_of(ports::ReportQuery::By by) {
  switch (by) {
    case ports::ReportQuery::By::key: return "key";
    case ports::ReportQuery::By::consumer: return "consumer";
    case ports::ReportQuery::By::tier: return "tier";
  }
  return "";
}

void write_report(JsonWriter& json, const ReportPage& page) {
  json.begin_object()
      .member("from", page.query.from)
      .member("to", page.query.to)
      .member("by", name_of(page.query.by))
      .member("exact", true);
  json.key("data").begin_array();
  for (const ports::ReportEntry& entry : page.entries) {
    json.begin_object().member("name", entry.name);
    count_members(json, entry.counts);
    json.end_object();
  }
  json.end_array().key("total").begin_object();
  count_members(json, page.total);
  json.end_object().member("nextCursor", page.next_cursor).end_object();
}

void append_report_head(std::string& csv) {
  CsvWriter writer(csv);
  writer.field("kind").field("name");
  for (const Column& column : kColumns) writer.field(column.name);
  writer.end_row();
}

void append_report_row(std::string& csv, std::string_view kind, const ports::ReportEntry& entry) {
  CsvWriter writer(csv);
  writer.field(kind).field(entry.name);
  for (const Column& column : kColumns) writer.field(entry.counts.*column.count);
  writer.end_row();
}

}  // namespace tollgate::codec
