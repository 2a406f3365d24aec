// What this process has open and how full it is, for admin's page about the system.
#pragma once

#include "cli/storage.h"
#include "config/config.h"
#include "services/admin/system/system_facts.h"

namespace tollgate::cli {

// Some reads of the disk: from a thread that may block.
services::SystemFacts system_facts(const config::Config& config, Storage& storage, unsigned workers);

}  // namespace tollgate::cli
