import OAuth
public import Storage

extension KeyFile {
  /// Throws unless everything that is sealed in there opens with this file.
  public func demandFits(_ source: any StoreExport) async throws(StoreFailure) {
    for kind in [RecordKind.signingKey, .subjectSalt] {
      var after: String?
      repeat {
        let page = try await source.list(.all(kind, after: after, limit: 100))
        for stored in page {
          if kind == .signingKey {
            _ = try open(stored.decode(SigningKeyRecord.self).record)
          } else {
            _ = try open(stored.decode(SubjectSaltRecord.self).record)
          }
        }
        after = page.count == 100 ? page.last?.key.key : nil
      } while after != nil
    }
  }
}
