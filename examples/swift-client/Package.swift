// swift-tools-version: 6.1
import PackageDescription

// A client that knows Doorward's codes by name. It builds the catalogue alone, and links nothing of the server. SwiftPM
// fetches the sources of the server's packages all the same, because they stand in the same manifest.
let package = Package(
  name: "swift-client",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "doorward", path: "../..")],
  targets: [
    .executableTarget(name: "swift-client", dependencies: [.product(name: "Catalogue", package: "doorward")])
  ]
)
