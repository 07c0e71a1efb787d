import Foundation
import SQLiteStorage
import Storage
import Vocabulary

// A process beside the tests: `write <file>` commits until it is killed, and says what was answered;
// `rates <file>` measures; `open <file>` says what opening it comes to.
let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  print("usage: StorageProbe write|rates|open <file>")
  exit(64)
}
do {
  switch arguments[1] {
  case "write": try await CommittingProcess.run(SQLiteStore(path: arguments[2]))
  case "rates": try await Rates.measure(SQLiteStore(path: arguments[2]), path: arguments[2])
  default:
    let store = try SQLiteStore(path: arguments[2])
    print("opened;", try await store.list(.all(.client, after: nil, limit: 5)).count, "clients")
    print(try await store.commit(Batch([.insert(RecordKey(.client, "x"), body: [], expiresAt: nil, indexes: [:])])))
  }
} catch {
  print(error)
  exit(1)
}
