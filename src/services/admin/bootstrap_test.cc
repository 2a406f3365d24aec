#include "services/admin/bootstrap.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "base/file.h"
#include "services/admin/secret_file.h"
#include "tests/support/fake_stores.h"
#include "tests/support/temp_dir.h"

namespace tollgate::services {
namespace {

struct Bootstrap : ::testing::Test {
  Bootstrap() { config.data_dir = dir.path(); }

  Result<AdminUserReady> ensure_user() {
    return ensure_admin_user(config, {.users = users, .hasher = hasher, .clock = clock});
  }
  bool password_works(const std::string& password) {
    const auto user = *users.find(config.admin.username);
    return user && *hasher.verify(password, crypto::PasswordHash{user->password_hash});
  }
  static unsigned mode_of(const std::string& path) {
    struct stat info{};
    EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 07777u;
  }

  testing::TempDir dir;
  config::Config config;
  ManualClock clock;
  testing::FakeUserStore users{clock};
  crypto::PasswordHasher hasher{{.memory_kib = 8, .passes = 1, .lanes = 1}};
};

TEST_F(Bootstrap, TheFirstStartMakesAPasswordOnceAndKeepsItPrivate) {
  const auto first = ensure_user();
  ASSERT_TRUE(first.has_value()) << first.error().to_string();
  ASSERT_TRUE(first->generated_password.has_value());
  EXPECT_EQ(first->generated_password->size(), 24u);
  EXPECT_EQ(*read_file(first->password_file), *first->generated_password + "\n");
  EXPECT_EQ(mode_of(first->password_file), 0600u);
  EXPECT_TRUE(password_works(*first->generated_password));
  const auto second = ensure_user();
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(second->generated_password.has_value());
  EXPECT_TRUE(password_works(*first->generated_password));
}

TEST_F(Bootstrap, AConfiguredPasswordReplacesTheStoredOneAndEndsItsTokens) {
  const auto made = ensure_user();
  config.admin.password = "a much better password 7";
  ASSERT_TRUE(ensure_user().has_value());
  EXPECT_TRUE(password_works("a much better password 7"));
  EXPECT_EQ((*users.find("admin"))->token_version, 2u);
  EXPECT_FALSE(std::filesystem::exists(made->password_file));
  ASSERT_TRUE(ensure_user().has_value());
  EXPECT_EQ((*users.find("admin"))->token_version, 2u);  // the same password changes nothing
}

TEST_F(Bootstrap, AWeakPasswordIsForLoopbackOnlyAndWithAWarning) {
  config.admin.password = "admin123";
  const auto local = ensure_user();
  ASSERT_TRUE(local.has_value()) << local.error().to_string();
  EXPECT_TRUE(local->warning.has_value());
  EXPECT_EQ(local->warning->find("admin123"), std::string::npos);
  EXPECT_TRUE(password_works("admin123"));

  config.admin.listen.address = "0.0.0.0";
  const auto open = ensure_user();
  ASSERT_FALSE(open.has_value());
  EXPECT_TRUE(open.error().is(codes::weak_secret));
  EXPECT_NE(open.error().detail().find("127.0.0.1"), std::string::npos) << open.error().detail();
  EXPECT_EQ(open.error().detail().find("admin123"), std::string::npos);
  config.admin.password = "long enough and unusual 42";
  EXPECT_TRUE(ensure_user().has_value());
  config.admin.listen.address = "127.0.0.1";
  config.admin.password = "";
  EXPECT_FALSE(ensure_user().has_value());
}

TEST_F(Bootstrap, AdminBeyondLoopbackIsRefusedUnlessItIsMeant) {
  for (const char* local : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    config.admin.listen.address = local;
    EXPECT_TRUE(check_admin_exposure(config.admin).has_value()) << local;
  }
  for (const char* open : {"0.0.0.0", "::", "192.168.1.1", "::ffff:10.0.0.1", "admin.example", ""}) {
    config.admin.listen.address = open;
    config.admin.insecure_admin = false;
    const auto refused = check_admin_exposure(config.admin);
    ASSERT_FALSE(refused.has_value()) << open;
    EXPECT_NE(refused.error().detail().find("--insecure-admin"), std::string::npos);
    config.admin.insecure_admin = true;
    EXPECT_TRUE(check_admin_exposure(config.admin).has_value());
  }
}

TEST_F(Bootstrap, SecretsAreMadeOnceAndStayTheSame) {
  const auto jwt_secret = provide_jwt_secret(config);
  const auto service_token = provide_service_token(config);
  ASSERT_TRUE(jwt_secret && service_token);
  EXPECT_NE(*jwt_secret, *service_token);
  EXPECT_GE(jwt_secret->size(), 32u);
  EXPECT_EQ(mode_of(dir.file("jwt-secret")), 0600u);
  EXPECT_EQ(mode_of(dir.file("service-token")), 0600u);
  EXPECT_EQ(*provide_jwt_secret(config), *jwt_secret);
  EXPECT_EQ(*provide_service_token(config), *service_token);
}

TEST_F(Bootstrap, ServicesThatStartAtOnceAgreeOnOneSecret) {
  std::array<std::string, 8> made;
  std::vector<std::thread> services;
  for (std::string& secret : made) {
    services.emplace_back([&] {
      auto provided = provide_secret({.name = "SERVICE_TOKEN", .value = {}, .path = dir.path() + "/service-token"});
      secret = provided ? *provided : provided.error().to_string();
    });
  }
  for (std::thread& service : services) service.join();
  for (const std::string& secret : made) EXPECT_EQ(secret + "\n", *read_file(dir.path() + "/service-token"));
}

TEST_F(Bootstrap, WeakConfiguredSecretsAreRefused) {
  for (const std::string& weak : {std::string(), std::string("secret"), std::string("changeme"), std::string(64, 'a'),
                                  std::string("short-but-random-4kD9")}) {
    config.admin.jwt_secret = weak;
    const auto refused = provide_jwt_secret(config);
    ASSERT_FALSE(refused.has_value()) << weak;
    EXPECT_TRUE(refused.error().is(codes::weak_secret));
    EXPECT_NE(refused.error().detail().find("JWT_SECRET"), std::string::npos) << refused.error().detail();
    config.service_token = weak;
    EXPECT_FALSE(provide_service_token(config).has_value()) << weak;
  }
}

TEST_F(Bootstrap, ASecretThatOthersCanReadIsRefused) {
  ASSERT_TRUE(provide_jwt_secret(config) && provide_service_token(config));
  ASSERT_TRUE(ensure_user().has_value());
  for (const unsigned mode : {0640u, 0604u, 0660u, 0620u, 0601u}) {
    for (const auto& [name, provide] :
         {std::pair("jwt-secret", &provide_jwt_secret), std::pair("service-token", &provide_service_token)}) {
      ASSERT_EQ(chmod(dir.file(name).c_str(), mode), 0);
      const auto refused = provide(config);
      ASSERT_FALSE(refused.has_value()) << name << " " << mode;
      EXPECT_TRUE(refused.error().is(codes::weak_secret));
      EXPECT_NE(refused.error().detail().find("chmod 600"), std::string::npos);
      chmod(dir.file(name).c_str(), 0600);
    }
    ASSERT_EQ(chmod(dir.file("admin-password").c_str(), mode), 0);
    EXPECT_FALSE(ensure_user().has_value());
    chmod(dir.file("admin-password").c_str(), 0600);
  }
  EXPECT_TRUE(provide_jwt_secret(config) && provide_service_token(config));
}

TEST_F(Bootstrap, AnEmptyOrTornSecretFileIsRefusedAndNotReplaced) {
  ASSERT_TRUE(write_file_atomic(dir.file("jwt-secret"), "\n", 0600).has_value());
  EXPECT_FALSE(provide_jwt_secret(config).has_value());
  EXPECT_EQ(*read_file(dir.file("jwt-secret")), "\n");
}

}  // namespace
}  // namespace tollgate::services
