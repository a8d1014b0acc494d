"""Tests of the lints themselves: what they must find, and what they must leave alone."""
import unittest

import check_layers
import repository
import tidy_functions

CODE = '''
// A comment with a { brace.
namespace a {
class Shape {
 public:
  explicit Shape(int sides) : sides_{sides}, name_("}") {}
  int Sides() const { return sides_; }

 private:
  int sides_ = {3};
};
constexpr int kTable[] = {1, 2, 3};
template <typename T, int N>
std::map<int, T> Build(const std::map<int, T>& from, int width, int, bool c, int d, int e,
                       std::function<void(int, int)> f) {
  for (int i = 0; i < 3; ++i) {
    if (width > i) {
      while (c) {
        auto g = [&](int x) { return x; };
        if (d) { g(1'000); }
      }
    } else {
      Use(R"(text with } and ")");
    }
  }
  return {};
}
const char* Name(Kind kind) {
  switch (kind) {
    case Kind::kOne: return "one";
    case Kind::kTwo: return "two";
  }
}
}  // namespace a
'''


class FunctionsTest(unittest.TestCase):

    def setUp(self):
        found = tidy_functions.find(repository.code_only(CODE))
        self.functions = {function.name: function for function in found}

    def test_only_functions_are_found(self):
        self.assertEqual(sorted(self.functions), ["Build", "Name", "Shape", "Sides"])

    def test_sizes_are_counted(self):
        build = self.functions["Build"]
        self.assertEqual((build.lines, build.parameters, build.nesting), (15, 7, 4))
        self.assertEqual(build.line, 13)

    def test_a_line_per_case_is_free(self):
        self.assertEqual(self.functions["Name"].lines, 4)


class LayersTest(unittest.TestCase):
    LAYERS = {"base": 1, "text": 2, "types": 2, "store": 3}

    def check(self, module, target):
        return list(check_layers.check_include("x.cc:1", module, target, self.LAYERS))

    def test_a_lower_layer_may_be_used(self):
        self.assertEqual(self.check("store", "base/status.h"), [])
        self.assertEqual(self.check("store", "store/key.h"), [])

    def test_own_line_and_above_may_not(self):
        self.assertEqual(len(self.check("text", "types/value.h")), 1)
        self.assertEqual(len(self.check("text", "store/key.h")), 1)

    def test_a_library_has_one_adapter(self):
        self.assertEqual(self.check("text", "yaml-cpp/yaml.h"), [])
        self.assertEqual(len(self.check("store", "yaml-cpp/yaml.h")), 1)


if __name__ == "__main__":
    unittest.main()
