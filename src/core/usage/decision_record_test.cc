#include "core/usage/decision_record.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>

#include "base/file.h"
#include "base/str.h"

namespace tollgate::core {
namespace {

struct Field {
  std::string_view name;
  std::size_t offset;
  std::size_t size;
};
#define TG_FIELD(name)                                                  \
  Field {                                                               \
    #name, offsetof(DecisionRecord, name), sizeof(DecisionRecord::name) \
  }
constexpr Field kFields[] = {
    TG_FIELD(sequence),      TG_FIELD(time_ns),     TG_FIELD(request_id), TG_FIELD(trace_id),
    TG_FIELD(key),           TG_FIELD(client_net),  TG_FIELD(route),      TG_FIELD(tier),
    TG_FIELD(consumer),      TG_FIELD(limits),      TG_FIELD(cost),       TG_FIELD(retry_after_ms),
    TG_FIELD(total_us),      TG_FIELD(upstream_us), TG_FIELD(generation), TG_FIELD(status),
    TG_FIELD(method),        TG_FIELD(outcome),     TG_FIELD(checks),     TG_FIELD(refused_by),
    TG_FIELD(client_family), TG_FIELD(flags),       TG_FIELD(bytes_in),   TG_FIELD(bytes_out),
    TG_FIELD(levels_before),
};
#undef TG_FIELD

TEST(DecisionRecord, StandsInMemoryAsItsDocumentSays) {
  const char* source = std::getenv("TG_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "set TG_SOURCE_DIR to the source tree, as ctest does";
  const auto document = read_file(std::string(source) + "/api/decision-record.md");
  ASSERT_TRUE(document.has_value()) << document.error().to_string();
  std::size_t end = 0;
  for (const Field& field : kFields) {
    EXPECT_EQ(field.offset, end) << field.name << ": bytes that no field names";
    end = field.offset + field.size;
    const std::string row = str::cat("| ", field.offset, " | ", field.size, " | `", field.name, "` |");
    EXPECT_NE(document->find(row), std::string::npos) << "not in api/decision-record.md: " << row;
  }
  EXPECT_EQ(end, sizeof(DecisionRecord));
}

}  // namespace
}  // namespace tollgate::core
