import AuthorizationServer
import Pages

/// The scopes of the demo in plain words, as `scopes:` of a configuration file would have them.
enum DemoScopes {
  static let notes = [
    "api.read": words("Read your notes", "Ihre Notizen lesen"),
    "api.write": words("Write notes for you", "Notizen für Sie schreiben"),
  ]

  static let vehicles = [
    "read_odometer": words(
      "Odometer", detail: "How far the vehicle has been driven", "Kilometerstand",
      detail: "Wie weit das Fahrzeug gefahren ist"),
    "read_vehicle_info": words(
      "Vehicle", detail: "Make, model and year", "Fahrzeug", detail: "Marke, Modell und Baujahr"),
    "read_vin": words("Vehicle identification number", "Fahrgestellnummer"),
    "read_location": words(
      "Location", detail: "Where the vehicle is", "Standort", detail: "Wo das Fahrzeug ist"),
    "read_user_profile": words("Your account", detail: "Its identifier", "Ihr Konto", detail: "Seine Kennung"),
  ]

  private static func words(
    _ english: String, detail: String = "", _ german: String, detail germanDetail: String = ""
  ) -> ScopeWords {
    ScopeWords([.english: .init(english, detail), .german: .init(german, germanDetail)])
  }
}
