#include "crypto/secret_policy.h"

#include <algorithm>
#include <array>

#include "base/str.h"
#include "crypto/guessable.h"

namespace tollgate::crypto {
namespace {

constexpr std::size_t kMinSecretBytes = 32;
constexpr double kMinBitsPerCharacter = 2.5;
constexpr std::size_t kMinPasswordBytes = 12;
constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::size_t kMinDistinctCharacters = 5;

// Long enough to pass by length, and printed in some manual or sample that people copy from.
constexpr std::array<std::string_view, 8> kPublishedSecrets = {
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "your-256-bit-secret-your-256-bit-secret",
    "your-super-secret-jwt-key-change-in-production",
    "your-secret-key-change-this-in-production",
    "please-change-this-secret-before-production",
    "super-secret-key-that-should-be-changed",
    "this-is-a-very-long-secret-key-for-jwt",
};

// Compared with the password in lower case, without the digits and marks at its ends.
constexpr std::array<std::string_view, 24> kCommonStems = {
    "password",   "passwort",  "passw0rd", "p@ssword", "p@ssw0rd",      "changeme",
    "changeit",   "letmein",   "welcome",  "iloveyou", "administrator", "admin",
    "root",       "secret",    "default",  "tollgate", "qwerty",        "qwertyuiop",
    "qwertzuiop", "asdfghjkl", "zxcvbnm",  "monkey",   "dragon",        "correcthorsebatterystaple",
};

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), str::lower);
  return out;
}

// "Summer_2024!" → "summer"
std::string stem_of(std::string_view text) {
  std::string stem = lowered(text);
  stem.erase(std::find_if(stem.rbegin(), stem.rend(), is_letter).base(), stem.end());
  stem.erase(stem.begin(), std::ranges::find_if(stem, is_letter));
  return stem;
}

// "password password" and "admin-admin-admin" are one word.
bool is_common(std::string_view text) {
  const std::string stem = stem_of(text);
  if (std::ranges::find(kCommonStems, stem) != kCommonStems.end()) return true;
  std::string letters = lowered(text);
  std::erase_if(letters, [](char c) { return !is_letter(c); });
  return is_repetition(letters) && letters.size() * 2 >= text.size();
}

std::size_t distinct_characters(std::string_view text) {
  std::string sorted(text);
  std::ranges::sort(sorted);
  return sorted.size() - std::ranges::unique(sorted).size();
}

std::unexpected<Error> refuse_secret(const NamedSecret& secret, std::string_view why) {
  return fail(codes::weak_secret,
              str::cat(secret.name, " ", why, "; use the output of: head -c 32 /dev/urandom | base64"));
}

}  // namespace

Result<void> check_secret(const NamedSecret& secret) {
  const std::string_view value = secret.value;
  if (value.empty()) return refuse_secret(secret, "is empty");
  if (value.size() < kMinSecretBytes) return refuse_secret(secret, "is shorter than 32 bytes");
  if (value.starts_with("-----BEGIN")) return refuse_secret(secret, "is a key file, not a secret");
  if (std::ranges::find(kPublishedSecrets, lowered(value)) != kPublishedSecrets.end()) {
    return refuse_secret(secret, "is published in a manual");
  }
  if (is_repetition(value) || is_sequence(value)) return refuse_secret(secret, "follows a simple pattern");
  if (bits_per_character(value) < kMinBitsPerCharacter)
    return refuse_secret(secret, "has too few different characters");
  return {};
}

Result<void> check_password(const NamedPassword& password) {
  const std::string_view value = password.value;
  if (value.size() < kMinPasswordBytes) return fail(codes::weak_secret, "a password must have at least 12 characters");
  if (value.size() > kMaxPasswordBytes) return fail(codes::weak_secret, "a password must have at most 1024 bytes");
  if (!str::is_valid_utf8(value)) return fail(codes::weak_secret, "a password must be UTF-8");
  const std::string user_stem = stem_of(password.user);
  if (is_common(value) || is_sequence(value) || is_repetition(value) ||
      distinct_characters(value) < kMinDistinctCharacters || (!user_stem.empty() && stem_of(value) == user_stem)) {
    return fail(codes::weak_secret,
                "this password is easy to guess; choose a few unrelated words, or let a program draw one");
  }
  return {};
}

}  // namespace tollgate::crypto
