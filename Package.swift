// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The rings of ARCHITECTURE.md: a target may import what is listed for it and nothing else.
func ring(
  _ name: String, _ inner: [String] = [], _ libraries: [Target.Dependency] = [],
  embeds: String? = nil
) -> Target {
  .target(
    name: name, dependencies: inner.map { .target(name: $0) } + libraries,
    exclude: embeds.map { [$0] } ?? [],
    swiftSettings: strict,
    plugins: embeds == nil ? [] : [.plugin(name: "EmbedTexts")])
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto: [Target.Dependency] = [
  .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
]

let package = Package(
  name: "doorward",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "doorward", targets: ["Doorward"]),
    .library(name: "Catalogue", targets: ["Catalogue"]),
  ],
  traits: [
    .trait(name: "PostgreSQL", description: "The storage engine on libpq; without it a single small binary."),
    .default(enabledTraits: ["PostgreSQL"]),
  ],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    ring("StrictJSON"),
    ring("Vocabulary", ["StrictJSON"]),
    ring("Catalogue", ["StrictJSON", "Vocabulary"], embeds: "Pages"),
    ring(
      "Dialects", ["StrictJSON", "Vocabulary", "Catalogue"], [.product(name: "Yams", package: "Yams")],
      embeds: "Contracts"),
    ring("JOSE", ["StrictJSON"], crypto),
    ring("OAuth", ["StrictJSON", "Vocabulary", "Catalogue", "Dialects", "JOSE"]),
    ring("Storage", ["StrictJSON", "Vocabulary", "JOSE", "OAuth"]),
    ring("StorageConformance", ["Vocabulary", "Storage"]),
    ring("SQLiteStorage", ["Vocabulary", "Storage"], [grdb]),
    .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    ring(
      "PostgreSQLStorage", ["StrictJSON", "Vocabulary", "Storage"],
      [.target(name: "CPostgreSQL", condition: .when(traits: ["PostgreSQL"]))]),
    .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
    ring("Pages"),
    ring(
      "AuthorizationServer",
      ["StrictJSON", "Vocabulary", "Catalogue", "Pages", "Dialects", "JOSE", "OAuth", "Storage", "CArgon2"],
      [
        hummingbird, .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "Yams", package: "Yams"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    ring(
      "Gatekeeper",
      ["StrictJSON", "Vocabulary", "Catalogue", "Dialects", "JOSE", "OAuth", "Storage", "AuthorizationServer"],
      [
        hummingbird, .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "Doorward",
      dependencies: [
        "StrictJSON", "Vocabulary", "Catalogue", "Dialects", "JOSE", "OAuth", "Storage", "SQLiteStorage",
        "PostgreSQLStorage", "AuthorizationServer", "Gatekeeper", "Pages", hummingbird,
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], swiftSettings: strict),
    .executableTarget(name: "embed-texts", path: "Plugins/embed-texts", swiftSettings: strict),
    .plugin(name: "EmbedTexts", capability: .buildTool(), dependencies: ["embed-texts"]),

    .testTarget(name: "JOSETests", dependencies: ["JOSE", "StrictJSON"], swiftSettings: strict),
    .testTarget(name: "CatalogueTests", dependencies: ["Catalogue"], swiftSettings: strict),
    .testTarget(
      name: "DialectsTests", dependencies: ["Dialects", "Catalogue", "StrictJSON", "Vocabulary"], swiftSettings: strict),
    .testTarget(
      name: "OAuthTests", dependencies: ["OAuth", "Dialects", "Catalogue", "Vocabulary"], swiftSettings: strict),
    .executableTarget(
      name: "StorageProbe", dependencies: ["Vocabulary", "Storage", "SQLiteStorage", "PostgreSQLStorage"],
      swiftSettings: strict),
    .testTarget(
      name: "StorageTests",
      dependencies: [
        "Vocabulary", "Storage", "StorageConformance", "SQLiteStorage", "PostgreSQLStorage", "StorageProbe", grdb,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "GrantExploration",
      dependencies: [
        "AuthorizationServer", "Storage", "OAuth", "JOSE", "Dialects", "Catalogue", "StrictJSON", "Vocabulary",
        "CArgon2",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ], swiftSettings: strict),
    .testTarget(
      name: "ServerTests",
      dependencies: [
        "GrantExploration",
        "AuthorizationServer", "Storage", "OAuth", "JOSE", "Dialects", "Catalogue", "StrictJSON", "Vocabulary",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ], swiftSettings: strict),
    .testTarget(
      name: "PagesTests", dependencies: ["Pages", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
  ]
)
