import Catalogue

/// What this client does next.
enum NextStep: String {
  case refresh
  case authorizeAgain = "authorize-again"
  case waitAndRepeat = "wait-and-repeat"
  case askForMore = "ask-for-more"
  case giveUp = "give-up"
}

/// By the code where the client has an answer of its own, otherwise by the verdict. Both switches are exhaustive in what
/// they name: a code that is renamed does not compile.
func nextStep(after code: Code) -> NextStep {
  switch code {
  case .accessTokenExpired: .refresh
  case .scopeInsufficient: .askForMore
  case .refreshTokenRejected, .codeRejected: .authorizeAgain
  case .storageUnavailable, .keysUnavailable: .waitAndRepeat
  default: nextStep(after: code.entry.retry)
  }
}

func nextStep(after verdict: RetryVerdict) -> NextStep {
  switch verdict {
  case .newToken: .refresh
  case .newGrant: .authorizeAgain
  case .same, .after: .waitAndRepeat
  case .never, .afterUser, .afterOperator: .giveUp
  }
}

for argument in CommandLine.arguments.dropFirst() {
  // A server may be newer than its client: then the verdict in the body is what counts.
  guard let code = Code(rawValue: argument) else {
    print("\(argument): unknown to this client")
    continue
  }
  print("\(code.rawValue): \(nextStep(after: code).rawValue)")
}
