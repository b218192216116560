// What an explanation asks of stored numbers, read and multiplied by all cores: products.cc.
#pragma once

#include "node_api.h"

// multiplyStored(jobs, threads): Promise. See StoredJob in src-main/engine/kernels/stored-job.ts.
napi_value MultiplyStored(napi_env env, napi_callback_info info);
