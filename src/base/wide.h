// 128-bit integers, which g++ and clang have and the standard does not.
#pragma once

namespace tollgate {

__extension__ using UInt128 = unsigned __int128;
__extension__ using Int128 = __int128;

}  // namespace tollgate
