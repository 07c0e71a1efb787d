#if PostgreSQL
@testable import PostgreSQLStorage
import Storage
import Testing

@Suite("The address of a PostgreSQL database")
struct DatabaseAddressTests {
  @Test(
    arguments: [
      "postgresql://u:canary@h/d", "postgresql://u:can%2Fcanary@h:5/d?sslmode=require",
      "postgresql://u@h,i:6/d?password=canary&sslpassword=canary", "postgresql:///d?host=%2Frun%2Fpg&password=canary",
    ])
  func `says neither for people nor for writing down what the password is, and leads to the same place`(
    _ text: String
  ) throws {
    let address = try DatabaseAddress(text)
    for said in [address.description, address.url, address.scrub("it said \(address.parameters["password"] ?? "")")] {
      #expect(!said.contains("canary"), "\(said)")
    }
    var wanted = address.parameters
    for secret in ["password", "sslpassword"] { wanted[secret] = nil }
    #expect(try DatabaseAddress(address.url).parameters == wanted)
  }

  @Test(
    arguments: [
      ("postgresql://u@h/d", nil), ("postgresql://u@h,i/d", "primary"), ("postgresql:///d?host=h,i", "primary"),
      ("postgresql://u@h,i/d?target_session_attrs=any", "any"),
    ] as [(String, String?)])
  func `of several servers means the primary, unless it says otherwise`(_ text: String, _ wanted: String?) throws {
    #expect(try DatabaseAddress(text).parameters["target_session_attrs"] == wanted)
  }

  @Test(
    arguments: [
      "postgresql://u:can@ary@h/d", "postgresql://u:can/ary@h/d", "postgresql://u:can?ary@h/d",
      "postgresql://u:c:can@h/d:",
      "postgresql://u:can%ary@h/d", "postgresql://h/d?nonsense=canary", "mysql://u:canary@h/d", "postgresql:canary",
    ])
  func `that cannot be read is refused without a word of it`(_ text: String) {
    do throws(StoreFailure) {
      let address = try DatabaseAddress(text)
      #expect(!"\(address)\(address.url)".contains("can"), "\(address)")
    } catch {
      #expect(
        !"\(error)".contains("can@") && !"\(error)".contains("canary") && !"\(error)".contains("\"can"), "\(error)")
    }
  }
}
#endif
