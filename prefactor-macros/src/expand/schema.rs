//! The contribution of a function to the program's catalogue of span types, with the feature `schemas`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{
    Attribute, Expr, ExprLit, FnArg, Lifetime, Lit, LitStr, Meta, Pat, PatIdent, ReturnType, Type,
    TypeReference,
};

use crate::args::{Args, CLASSIFICATION, CaptureMode, Exact, RecordMode, Risk, RiskOf};
use crate::function::{Function, Leaf, Returns};
use crate::recorded::{generics, is_captured, is_chosen_by_caller, payload_key, success};
use crate::shape::{self, Shape};

/// Characters of a description, before the platform's own bound.
const MAX_DESCRIPTION: usize = 512;

/// The parts of the expansion beside the span.
#[derive(Clone, Copy)]
pub(crate) struct Features {
    /// The function contributes the type of its spans.
    pub(super) schemas: bool,
    /// Types say their own schemas, where the option `schemars` says so.
    pub(super) schemars: bool,
}

/// The statement that contributes the type of the function's spans.
pub(super) fn contribution(
    args: &Args,
    function: &Function,
    schema_name: &TokenStream,
    private: &TokenStream,
    features: Features,
) -> TokenStream {
    let schema = &args.options.schema;
    let place = format!("::{}:", function.signature.ident);
    let text = |member: &str, text: Option<LitStr>| {
        let member = Ident::new(member, Span::mixed_site());
        text.map(|text| quote_spanned!(Span::mixed_site()=> #member: #private::Some(#text),))
    };
    let title = text("title", schema.title.clone());
    let description = text("description", description(&function.attributes));
    let template = text("template", schema.template.clone());
    let risk = risk(&schema.risk, private);
    let reader = Reader { args, function, generics: generics(function), private, features };
    let params = reader.params();
    let params = quote_spanned!(Span::mixed_site()=> params: &[#(#params),*],);
    let result = reader.result();
    let members = reader.result_members();
    let members =
        (!members.is_empty()).then(|| quote_spanned!(Span::mixed_site()=> result_members: &[#(#members),*],));
    quote_spanned! {Span::mixed_site()=>
        #private::contribute! {
            #private::Contribution {
                schema_name: #schema_name,
                place: #private::concat!(#private::module_path!(), #place, #private::line!()),
                #title
                #description
                #template
                #risk
                #params
                result: #result,
                #members
                ..#private::Contribution::EMPTY
            }
        }
    }
}

/// Reads the shapes of one function.
struct Reader<'a> {
    args: &'a Args,
    function: &'a Function,
    generics: Vec<Ident>,
    private: &'a TokenStream,
    features: Features,
}

impl Reader<'_> {
    /// The members of the payload, as [`capture`](super::capture) puts them.
    fn params(&self) -> Vec<TokenStream> {
        let options = &self.args.options;
        let mut params = Vec::new();
        if options.name.is_some() {
            params.push(member("name", &self.tokens(&Shape::Text)));
        }
        let is_replaced = |key: &str| options.fields.iter().any(|field| field.key.value() == key);
        for argument in self.function.arguments().iter().filter(|argument| is_captured(options, argument)) {
            let key = payload_key(options, argument);
            if is_replaced(&key) {
                continue;
            }
            let mode = options.capture_modes.iter().find(|(of, _)| *of == argument.binding);
            let shape = match mode.map(|(_, mode)| mode) {
                None | Some(CaptureMode::Best | CaptureMode::Sensitive) => self.argument(&argument.binding),
                Some(CaptureMode::With(_)) => self.tokens(&Shape::Anything),
                Some(_) => self.tokens(&Shape::Text),
            };
            let (conditions, member) = (&argument.conditions, member(&key, &shape));
            params.push(quote_spanned!(Span::mixed_site()=> #(#conditions)* #member));
        }
        for field in &options.fields {
            let shape = match field.mode {
                CaptureMode::Debug | CaptureMode::Display => Shape::Text,
                _ => Shape::Anything,
            };
            params.push(member(&field.key.value(), &self.tokens(&shape)));
        }
        params
    }

    /// An argument by its name. The parts of a pattern have no type in the signature.
    fn argument(&self, binding: &Ident) -> TokenStream {
        let of = self.function.signature.inputs.iter().find_map(|input| match input {
            FnArg::Typed(parameter) => match &*parameter.pat {
                Pat::Ident(PatIdent { ident, subpat: None, .. }) if ident == binding => Some(&*parameter.ty),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        });
        match of {
            Some(of) => self.of_type(of, |exact| exact == binding),
            None => self.tokens(&Shape::Anything),
        }
    }

    /// The shape of a type: by the type itself where the option says so, else by its tokens.
    fn of_type(&self, of: &Type, is_named: impl Fn(&Ident) -> bool) -> TokenStream {
        let is_exact = self.features.schemars
            && match &self.args.options.schema.exact {
                Some(Exact::All) => !is_chosen_by_caller(of, self.function),
                Some(Exact::These(named)) => named.iter().any(is_named),
                None => false,
            };
        if !is_exact {
            return self.tokens(&shape::of(of, &self.generics));
        }
        let mut of = of.clone();
        Static.visit_type_mut(&mut of);
        let private = self.private;
        quote_spanned!(Span::mixed_site()=> #private::exact!(#of))
    }

    fn result(&self) -> TokenStream {
        match self.args.options.ret.as_ref().map(|(_, mode)| mode) {
            Some(RecordMode::Skip) => return self.tokens(&Shape::Null),
            Some(RecordMode::Debug) => return self.tokens(&Shape::Text),
            Some(RecordMode::With(_)) => return self.tokens(&Shape::Anything),
            Some(RecordMode::Required) | None => {}
        }
        let ReturnType::Type(_, returned) = &self.function.signature.output else {
            return self.tokens(&Shape::Null);
        };
        match self.function.returns() {
            Returns::Named => self.of_type(success(returned), |exact| exact == "return"),
            Returns::Opaque(Some(leaf)) if matches!(**returned, Type::ImplTrait(_)) => match *leaf {
                Leaf::Future(Some(output), None) => self.of_type(success(&output), |exact| exact == "return"),
                _ => self.tokens(&Shape::Anything),
            },
            Returns::Never | Returns::Opaque(_) => self.tokens(&Shape::Anything),
        }
    }

    /// Members of the result that the attribute names, and those of a stream.
    fn result_members(&self) -> Vec<TokenStream> {
        let named = self.args.options.schema.result_members.iter();
        let named = named.map(|name| member(&name.to_string(), &self.tokens(&Shape::Anything)));
        let of_stream = [("items", Shape::Unsigned), ("time_to_first_item_ms", Shape::Number)];
        let of_stream = of_stream.iter().filter(|_| self.function.returns_bare_stream());
        named.chain(of_stream.map(|(name, shape)| member(name, &self.tokens(shape)))).collect()
    }

    fn tokens(&self, shape: &Shape) -> TokenStream {
        let private = self.private;
        let plain = |name: &str| {
            let name = Ident::new(name, Span::mixed_site());
            quote_spanned!(Span::mixed_site()=> #private::Shape::#name)
        };
        let around = |name: &str, inner: &Shape| {
            let (shape, inner) = (plain(name), self.tokens(inner));
            quote_spanned!(Span::mixed_site()=> #shape(&#inner))
        };
        match shape {
            Shape::Anything => plain("Anything"),
            Shape::Null => plain("Null"),
            Shape::Bool => plain("Bool"),
            Shape::Integer => plain("Integer"),
            Shape::Unsigned => plain("Unsigned"),
            Shape::BigInteger => plain("BigInteger"),
            Shape::Number => plain("Number"),
            Shape::Text => plain("Text"),
            Shape::Object => plain("Object"),
            Shape::Json => plain("Json"),
            Shape::Optional(inner) => around("Optional", inner),
            Shape::List(inner) => around("List", inner),
            Shape::Map(inner) => around("Map", inner),
            Shape::Tuple(parts) => {
                let (shape, parts) = (plain("Tuple"), parts.iter().map(|part| self.tokens(part)));
                quote_spanned!(Span::mixed_site()=> #shape(&[#(#parts),*]))
            }
        }
    }
}

fn member(key: &str, shape: &TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> (#key, #shape))
}

/// Gives every lifetime of a type the value `'static`: a constant has no other.
struct Static;

impl VisitMut for Static {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        lifetime.ident = Ident::new("static", lifetime.ident.span());
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime = Some(Lifetime::new("'static", Span::call_site()));
        visit_type_mut(self, &mut reference.elem);
    }
}

fn risk(risk: &[Risk], private: &TokenStream) -> Option<TokenStream> {
    let said = risk.iter().map(|Risk { of, word, value }| {
        let (method, with_category, (word_type, value_type)) = match of {
            RiskOf::Action => ("action", true, ("RiskAction", "Permission")),
            RiskOf::Params if word == CLASSIFICATION => ("params", false, ("", "Classification")),
            RiskOf::Result if word == CLASSIFICATION => ("result", false, ("", "Classification")),
            RiskOf::Params => ("params_category", true, ("DataCategory", "Presence")),
            RiskOf::Result => ("result_category", true, ("DataCategory", "Presence")),
        };
        let method = Ident::new(method, Span::mixed_site());
        let word = with_category.then(|| {
            let word = variant(word_type, word, private);
            quote!(#word,)
        });
        let value = variant(value_type, value, private);
        quote_spanned!(Span::mixed_site()=> .#method(#word #value))
    });
    let said: TokenStream = said.collect();
    (!said.is_empty()).then(|| quote_spanned!(Span::mixed_site()=> risk: || #private::DataRisk::new()#said,))
}

/// The variant for a word of the API.
fn variant(of: &str, word: &str, private: &TokenStream) -> TokenStream {
    let (of, variant) = (Ident::new(of, Span::mixed_site()), camel_case(word));
    let variant = Ident::new(&variant, Span::mixed_site());
    quote_spanned!(Span::mixed_site()=> #private::#of::#variant)
}

fn camel_case(word: &str) -> String {
    let capitalised = word.split('_').map(|part| {
        let (first, rest) = part.split_at(1);
        first.to_uppercase() + rest
    });
    capitalised.collect()
}

/// The first paragraph of the doc comment, on one line.
fn description(attributes: &[Attribute]) -> Option<LitStr> {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let text: Vec<String> =
        lines.flat_map(|text| text.split('\n').map(str::to_owned).collect::<Vec<_>>()).collect();
    let lines = text.iter().map(|line| line.trim()).skip_while(|line| line.is_empty());
    let paragraph: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let paragraph: String = paragraph.join(" ").chars().take(MAX_DESCRIPTION + 1).collect();
    (!paragraph.is_empty()).then(|| LitStr::new(&paragraph, Span::mixed_site()))
}
