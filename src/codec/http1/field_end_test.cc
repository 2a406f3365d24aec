#include "codec/http1/field_end.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tollgate::codec {
namespace {

// Every byte value at every place around the 16-byte steps, in memory of exactly the size.
TEST(FieldEnd, FindsTheFirstByteThatMayNotBeThereWhereverItStands) {
  for (std::size_t size = 0; size <= 35; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int value = 0; value < 256; ++value) {
        std::vector<char> bytes(size, 'a');
        bytes[place] = static_cast<char>(value);
        const char* const begin = bytes.data();
        const char* const end = begin + size;
        ASSERT_EQ(find_field_end(begin, end), is_field_char(bytes[place]) ? end : begin + place) << value;
        const NameEnd name = find_name_end(begin, end);
        ASSERT_EQ(name.end, is_token_char(bytes[place]) ? end : begin + place) << value;
        ASSERT_EQ(name.underscored, value == '_');
      }
    }
  }
}

TEST(FieldEnd, DoesNotCountAnUnderscoreBehindTheName) {
  const std::string line = "name: a_value_with_underscores";
  EXPECT_FALSE(find_name_end(line.data(), line.data() + line.size()).underscored);
  const std::string long_line = "a-name-of-more-than-16-bytes_: a_b_c_d_e_f_g_h_i_j";
  EXPECT_TRUE(find_name_end(long_line.data(), long_line.data() + long_line.size()).underscored);
}

}  // namespace
}  // namespace tollgate::codec
