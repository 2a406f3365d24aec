// CHECK and ANSWER of the apply protocol. For this folder's .cc files.
#pragma once

#include "codec/json/object_reader.h"
#include "codec/json/writer.h"
#include "codec/limits/apply_protocol.h"

namespace tollgate::codec {

void write_check(JsonWriter& json, const core::LimitCheck& check);
// Appends to `out`, which has room reserved for it. Faults go to the reader.
void read_check(JsonObjectReader& in, OwnedChecks& out);

void write_answer(JsonWriter& json, const core::LimitAnswer& answer);
core::LimitAnswer read_answer(JsonObjectReader& in);

}  // namespace tollgate::codec
