public import AuthorizationServer
public import Dialects
import HTTPTypes
public import Hummingbird
import NIOCore
public import Vocabulary

/// Every answer carries `Trace-Id`, and the header its contract promised beside it.
public enum TraceHeaders {
  static func set(_ headers: inout HTTPFields, _ trace: TraceID, _ contract: Contract?) {
    if let name = HTTPField.Name("Trace-Id") { headers[name] = trace.description }
    if let header = contract?.answers.traceHeader, let name = HTTPField.Name(header) {
      headers[name] = contract?.answers.traceHeaderForm == .uuid ? trace.uuid : trace.description
    }
  }
}

extension Response {
  /// The framework's form of an answer; adds the trace id where a renderer has not.
  public init(_ answer: OutgoingAnswer, trace: TraceID, contract: Contract? = nil) {
    var headers = HTTPFields()
    for (name, value) in answer.headers {
      guard let name = HTTPField.Name(name), name != .contentLength else { continue }
      headers.append(HTTPField(name: name, value: value))
    }
    if !answer.headers.contains(where: { $0.name == "Trace-Id" }) { TraceHeaders.set(&headers, trace, contract) }
    self.init(
      status: HTTPResponse.Status(code: answer.status), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
  }
}
