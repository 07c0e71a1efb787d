import Foundation
import SQLiteStorage
import Storage
import Vocabulary

#if PostgreSQL
import PostgreSQLStorage
#endif

// A process beside the tests. A store is a SQLite file, or a postgresql:// address. `write <store>` commits until it is
// killed, and says what was answered; `rates <store>` measures; `checkpoints <file>` measures commits
// for a minute while others read; `open <store>` says what opening it comes to.
let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  print("usage: StorageProbe write|rates|checkpoints|open <file or postgresql://…>")
  exit(64)
}
do {
  let open = { () throws -> MeasuredStore in
    #if PostgreSQL
    if arguments[2].hasPrefix("postgresql://") {
      let store = try PostgreSQLStore(DatabaseAddress(arguments[2]))
      return MeasuredStore(store: store, transactions: { store.transactions }, readNow: nil)
    }
    #endif
    let store = try SQLiteStore(path: arguments[2])
    return MeasuredStore(store: store, transactions: { store.transactions }, readNow: { _ = try store.readNow($0) })
  }
  switch arguments[1] {
  case "write": try await CommittingProcess.run(open().store)
  case "rates": try await Rates.measure(open(), beside: open().store)
  case "checkpoints": try await Checkpoints.measure(path: arguments[2], seconds: 60)
  default:
    let store = try open().store
    print("opened;", try await store.list(.all(.client, after: nil, limit: 5)).count, "clients")
    print(try await store.commit(Batch([.insert(RecordKey(.client, "x"), body: [], expiresAt: nil, indexes: [:])])))
  }
} catch {
  print(error)
  exit(1)
}
