import Foundation
import SQLiteStorage
import Storage
import StorageConformance

/// The engines there are. (Junction: one line for each.)
enum Engine: String, CaseIterable, Sendable {
  case memory, sqlite, switchable

  func fresh() throws -> any EngineUnderTest {
    switch self {
    case .memory: MemoryEngine()
    case .sqlite: SQLiteEngine(folder: try TemporaryFolder())
    case .switchable: SwitchableEngine()
    }
  }
}

struct MemoryEngine: EngineUnderTest {
  let isDurable = false
  func open() async throws -> any Store { MemoryStore() }
}

/// What test mode puts around an engine must change nothing until it is told to.
struct SwitchableEngine: EngineUnderTest {
  let isDurable = false
  func open() async throws -> any Store { FaultyStore(MemoryStore()) }
}

struct SQLiteEngine: EngineUnderTest {
  let isDurable = true
  let folder: TemporaryFolder
  func open() async throws -> any Store { try SQLiteStore(path: folder.path("store.sqlite")) }
}

/// A folder of a test's own, gone with its last reference.
final class TemporaryFolder: Sendable {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("doorward-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: url.appendingPathComponent(name))
    return path(name)
  }
}
