import Pages
import Vocabulary

/// Scopes in plain words, for the consent page. A scope nobody has described is shown by its name.
enum ScopeWords {
  static func words(for scope: Scope, _ language: Language) -> (title: String, detail: String) {
    let known: (String, String)? =
      switch language {
      case .english: english[scope.name]
      case .german: german[scope.name]
      }
    guard let known else { return (scope.name, "") }
    return (known.0, known.1)
  }

  private static let english: [String: (String, String)] = [
    "profile": ("Your name", "The name you go by here"), "email": ("Your email address", ""),
    "offline_access": ("Access while you are away", "Until you withdraw it"),
    "api.read": ("Read your notes", ""), "api.write": ("Write notes for you", ""),
    "read_odometer": ("Odometer", "How far the vehicle has been driven"),
    "read_vehicle_info": ("Vehicle", "Make, model and year"), "read_vin": ("Vehicle identification number", ""),
    "read_location": ("Location", "Where the vehicle is"), "read_user_profile": ("Your account", "Its identifier"),
  ]

  private static let german: [String: (String, String)] = [
    "profile": ("Ihr Name", "Der Name, unter dem Sie hier bekannt sind"), "email": ("Ihre E-Mail-Adresse", ""),
    "offline_access": ("Zugriff in Ihrer Abwesenheit", "Bis Sie ihn widerrufen"),
    "api.read": ("Ihre Notizen lesen", ""), "api.write": ("Notizen für Sie schreiben", ""),
    "read_odometer": ("Kilometerstand", "Wie weit das Fahrzeug gefahren ist"),
    "read_vehicle_info": ("Fahrzeug", "Marke, Modell und Baujahr"),
    "read_vin": ("Fahrgestellnummer", ""), "read_location": ("Standort", "Wo das Fahrzeug ist"),
    "read_user_profile": ("Ihr Konto", "Seine Kennung"),
  ]
}
