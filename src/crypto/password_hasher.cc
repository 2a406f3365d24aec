#include "crypto/password_hasher.h"

#include <argon2.h>

#include <array>

#include "base/assert.h"
#include "base/random.h"
#include "base/str.h"

namespace tollgate::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kMaxPhcBytes = 256;

std::string parameters_of(const PasswordCost& cost) {
  return str::cat("$argon2id$v=", int{ARGON2_VERSION_NUMBER}, "$m=", cost.memory_kib, ",t=", cost.passes,
                  ",p=", cost.lanes, "$");
}

Result<PasswordHash> hash_now(std::string_view password, const PasswordCost& cost) {
  std::array<std::byte, kSaltBytes> salt;
  fill_random(salt);
  std::array<char, kMaxPhcBytes> encoded{};
  const int result = argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, password.data(), password.size(),
                                           salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result == ARGON2_MEMORY_ALLOCATION_ERROR) return fail(codes::busy, "no memory for a password hash");
  if (result != ARGON2_OK) return fail(codes::internal, str::cat("argon2: ", argon2_error_message(result)));
  return PasswordHash{encoded.data()};
}

}  // namespace

PasswordHasher::PasswordHasher(PasswordCost cost, GateSize gate) : cost_(cost), gate_(gate) {
  auto nobody = hash_now(random_base62(43), cost_);
  TG_ASSERT(nobody.has_value());  // the cost is a constant of the program
  nobody_ = *std::move(nobody);
}

Result<PasswordHash> PasswordHasher::hash(std::string_view password) {
  TG_TRY(const Gate::Ticket ticket, gate_.enter());
  return hash_now(password, cost_);
}

Result<bool> PasswordHasher::verify(std::string_view password, const PasswordHash& stored) {
  TG_TRY(const Gate::Ticket ticket, gate_.enter());
  const int result = argon2id_verify(stored.phc.c_str(), password.data(), password.size());
  if (result == ARGON2_OK) return true;
  if (result == ARGON2_VERIFY_MISMATCH) return false;
  if (result == ARGON2_MEMORY_ALLOCATION_ERROR) return fail(codes::busy, "no memory for a password hash");
  return fail(codes::internal, str::cat("a stored password hash cannot be read: ", argon2_error_message(result)));
}

Result<bool> PasswordHasher::verify_nobody(std::string_view password) {
  TG_TRY([[maybe_unused]] const bool matched, verify(password, nobody_));
  return false;
}

bool PasswordHasher::is_outdated(const PasswordHash& stored) const {
  return !stored.phc.starts_with(parameters_of(cost_));
}

}  // namespace tollgate::crypto
