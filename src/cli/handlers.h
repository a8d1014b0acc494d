// The functions behind the commands of the table, one per row.

#pragma once

#include "base/status.h"

namespace omnigraph::cli {

class Invocation;

Result<int> RunQuery(Invocation& invocation);
Result<int> RunMutate(Invocation& invocation);
Result<int> RunLoad(Invocation& invocation);
Result<int> RunIngest(Invocation& invocation);
Result<int> RunBranchCreate(Invocation& invocation);
Result<int> RunBranchList(Invocation& invocation);
Result<int> RunBranchDelete(Invocation& invocation);
Result<int> RunBranchMerge(Invocation& invocation);
Result<int> RunRevert(Invocation& invocation);
Result<int> RunTagCreate(Invocation& invocation);
Result<int> RunTagList(Invocation& invocation);
Result<int> RunTagDelete(Invocation& invocation);
Result<int> RunSnapshot(Invocation& invocation);
Result<int> RunExport(Invocation& invocation);
Result<int> RunCommitList(Invocation& invocation);
Result<int> RunCommitShow(Invocation& invocation);
Result<int> RunCommitChanges(Invocation& invocation);
Result<int> RunDiff(Invocation& invocation);
Result<int> RunChangesPoll(Invocation& invocation);
Result<int> RunChangesBaseline(Invocation& invocation);
Result<int> RunSchemaShow(Invocation& invocation);
Result<int> RunSchemaPlan(Invocation& invocation);
Result<int> RunSchemaApply(Invocation& invocation);
Result<int> RunGraphsList(Invocation& invocation);
Result<int> RunOptimize(Invocation& invocation);
Result<int> RunRepair(Invocation& invocation);
Result<int> RunCleanup(Invocation& invocation);
Result<int> RunEmbed(Invocation& invocation);
Result<int> RunFormat(Invocation& invocation);
Result<int> RunInit(Invocation& invocation);
Result<int> RunLint(Invocation& invocation);
Result<int> RunQueriesValidate(Invocation& invocation);
Result<int> RunQueriesList(Invocation& invocation);
Result<int> RunClusterValidate(Invocation& invocation);
Result<int> RunClusterImport(Invocation& invocation);
Result<int> RunClusterPlan(Invocation& invocation);
Result<int> RunClusterApply(Invocation& invocation);
Result<int> RunClusterApprove(Invocation& invocation);
Result<int> RunClusterStatus(Invocation& invocation);
Result<int> RunClusterRefresh(Invocation& invocation);
Result<int> RunClusterForceUnlock(Invocation& invocation);
Result<int> RunClusterHistory(Invocation& invocation);
Result<int> RunClusterDiff(Invocation& invocation);
Result<int> RunClusterRollback(Invocation& invocation);
Result<int> RunClusterSchema(Invocation& invocation);
Result<int> RunPolicyValidate(Invocation& invocation);
Result<int> RunPolicyTest(Invocation& invocation);
Result<int> RunPolicyExplain(Invocation& invocation);
Result<int> RunLogin(Invocation& invocation);
Result<int> RunLogout(Invocation& invocation);
Result<int> RunVersion(Invocation& invocation);

}  // namespace omnigraph::cli
